"""What autograd takes as the derivative where a function has none, by class of its node.

`tests/explain/test_kinks.py` compares each with PyTorch.
"""

from collections.abc import Iterable

from gradfn.model.document import Function

RULES = {
    "AbsBackward0": "of abs at 0 it takes 0",
    "AmaxBackward0": "of equal maxima each gets the same share",
    "AminBackward0": "of equal minima each gets the same share",
    "ClampBackward0": "of clamp at a bound it takes 1",
    "ClampBackward1": "of clamp at a bound it takes 1",
    "ClampMaxBackward0": "of clamp at its bound it takes 1",
    "ClampMinBackward0": "of clamp at its bound it takes 1",
    "HardsigmoidBackward0": "of hardsigmoid at -3 and 3 it takes 0",
    "HardtanhBackward0": "of hardtanh at a bound it takes 0",
    "LeakyReluBackward0": "of leaky_relu at 0 it takes the slope of the negative side",
    "LinalgVectorNormBackward0": "of a norm at 0 it takes 0",
    "MaxBackward0": "of equal maxima the one at the returned index gets all",
    "MaxBackward1": "of equal maxima each gets the same share",
    "MaximumBackward0": "where both are equal each gets half",
    "MinBackward0": "of equal minima the one at the returned index gets all",
    "MinBackward1": "of equal minima each gets the same share",
    "MinimumBackward0": "where both are equal each gets half",
    "NormBackward0": "of a norm at 0 it takes 0",
    "ReluBackward0": "of relu at 0 it takes 0",
    "ThresholdBackward0": "of threshold at its threshold it takes 0",
}


def note_on(functions: Iterable[Function]) -> str:
    """That finite differences say nothing at a kink, and what autograd does there."""
    rules = dict.fromkeys(RULES[each.name] for each in functions if each.name in RULES)
    rule = f": {'; '.join(rules)}" if rules else ""
    return (
        "The function has a kink at this value, where finite differences take the mean of both "
        f"sides. Autograd takes one derivative by a rule of its own{rule}."
    )
