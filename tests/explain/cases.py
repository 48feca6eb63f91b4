"""What must be said of the programs in `../shared/cases`, and what must not.

Their README says it in words; here it is as ids, lines and words that an explanation must contain.
A line is named by a piece of its text. Programs that are not in this table must be silent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any
CASES = Path(__file__).parents[2].parent / "shared" / "cases"


@dataclass(frozen=True, slots=True)
class Said:
    """An explanation: its id, a piece of the line to blame, words in it; never these words.

    `right`: with the edits applied, the document is what the author wanted.
    """

    id: str
    line: str | None = None
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ("retain_graph=True` in line",)
    right: Callable[[Json], bool] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one program. `also` are ids that may be said beside."""

    said: tuple[Said, ...] = ()
    also: frozenset[str] = field(default_factory=frozenset)
    agrees: bool = False  # every account by hand must agree or say why not
    runs: bool = True  # as in plain PyTorch


def trained(*names: str) -> Callable[[Json], bool]:
    """Whether the run finished and the last step changed all these parameters."""

    def holds(document: Json) -> bool:
        steps = [each for each in document["training"] if each["kind"] == "optimizer_step"]
        changed = {each["name"] for step in steps for each in step["changed"]}
        return document["status"] == "finished" and set(names) <= changed

    return holds


def printed(text: str) -> Callable[[Json], bool]:
    """Whether the run finished and printed this."""
    return lambda document: document["status"] == "finished" and text in document["stdout"]


def finite_gradient(name: str) -> Callable[[Json], bool]:
    """Whether a leaf has a gradient of numbers."""

    def holds(document: Json) -> bool:
        (tensor,) = (each for each in document["graph"]["tensors"] if name in each["names"])
        grad = tensor["grad"] and tensor["grad"]["data"]
        return bool(grad) and all(isinstance(each, int | float) for each in grad)

    return holds


def _silent_edit(document: Json) -> bool:
    return document["status"] == "finished" and document["error"] is None


EXPECTED: dict[str, Expected] = {
    "01": Expected((Said("loss-is-a-leaf", "loss.requires_grad = True", ("leaf",)),)),
    "02": Expected(
        (Said("cut-by-number", "torch.tensor(error.item()"),), frozenset(("optimizer-of-frozen",))
    ),
    "03": Expected(
        (
            Said(
                "backward-twice",
                "prediction = fit(points)",
                ("prediction", "closure"),
                right=lambda document: (
                    document["status"] == "finished" and len(document["backward"]) > 1
                ),
            ),
        )
    ),
    "04": Expected((Said("grad-accumulated", "miss.backward()", right=printed("0.0004")),)),
    "06": Expected(
        (Said("checkpoint-without-grad", "use_reentrant=True", right=printed("False")),),
        frozenset(("parameter-without-gradient",)),
    ),
    "08": Expected(
        (
            Said(
                "parameter-converted", "nn.Parameter(", ("parameters()",), right=trained("moe.gate")
            ),
        ),
        frozenset(("graph-retained",)),
    ),
    "11": Expected((Said("second-name", "target = online", right=printed("False")),)),
    "12": Expected((Said("frozen-batch-norm", None, ("eval()",), right=printed("True")),)),
    "14": Expected((Said("sparse-optimizer-dense-gradient", None, ("sparse",)),)),
    "15": Expected((Said("gradient-explodes-here", "F.normalize(embedding"),)),
    "16": Expected(
        (Said("nan-in-backward-pass", "(a ** 2).sum().sqrt()", ("Sqrt", "root")),), agrees=True
    ),
    "17": Expected(
        (
            Said(
                "nan-in-backward-pass", "torch.exp(x)", ("infinity", "clamp"), ("1e-8", "shows no")
            ),
        ),
        agrees=True,
    ),
    "19": Expected((Said("where-nan", "torch.where(", ("Div", "divisor")),)),
    "20": Expected((Said("forward-called-directly", "net.forward(", right=printed("1")),)),
    "21": Expected(also=frozenset(("backward-hook-without-input-grad",))),
    "22": Expected((Said("modified-in-place", "F.softplus(table[:, 0])", ("Softplus",)),)),
    "24": Expected(
        (
            Said(
                "backward-twice",
                "prepared = fit(raw)",
                ("prepared", "loop"),
                right=trained("fit.weight", "net.weight"),
            ),
        )
    ),
    "26": Expected(
        (
            Said(
                "numpy-of-graph", 'history["train"].append(loss)', (".item()",), right=_silent_edit
            ),
        ),
        frozenset(("losses-kept",)),
    ),
    "29": Expected((Said("unscaled-twice", None, ("update()",)),)),
    "30": Expected((Said("vmap-randomness", None, ("randomness",), right=_silent_edit),)),
    "32": Expected(
        (Said("input-without-grad", "between = mix", ("between",), ("fake",), right=_silent_edit),)
    ),
    "34": Expected((Said("nothing-to-differentiate", "first, =", ("therefore 0",), ("`at`",)),)),
    "35": Expected(
        (
            Said(
                "input-not-used",
                "slope, =",
                ("therefore 0",),
                right=lambda document: any(
                    "bend" in each["names"] and set(each["value"]["data"]) == {0}
                    for each in document["graph"]["tensors"]
                ),
            ),
        )
    ),
    "38": Expected((Said("nothing-to-differentiate", "p.requires_grad = False"),)),
    "40": Expected((Said("optimizer-of-others", "load_state_dict"),)),
    "42": Expected((Said("modified-in-place", "first.step()"),)),
    "43": Expected(
        (
            Said(
                "deepcopy-of-non-leaf",
                None,
                ("weight_norm", "parametrizations"),
                right=_silent_edit,
            ),
        ),
        frozenset(("warning", "old-weight-norm")),
    ),
    "50": Expected((Said("modified-in-place", "d_opt.step()"),)),
    "51": Expected((Said("clipped-after-step", "clip_grad_norm_", right=trained("net.weight")),)),
    "53": Expected((Said("flag-on-a-slice", "words.weight[4:]"),)),
    "54": Expected(
        (Said("scalar-of-graph", "turn = torch.tensor(", right=finite_gradient("angle")),),
        frozenset(("grad-is-none",)),
    ),
    "55": Expected((Said("nan-in-backward-pass", "torch.sqrt(", ("root",)),), agrees=True),
    "56": Expected(
        (
            Said(
                "backward-twice",
                "seen, self.hidden =",
                ("self.hidden",),
                right=trained("tagger.out.weight"),
            ),
        )
    ),
    "62": Expected(also=frozenset({"no-compile"})),
    "63": Expected((Said("penalty-without-graph", "torch.autograd.grad(", right=printed("True")),)),
    "65": Expected(
        (
            Said(
                "nothing-to-differentiate",
                "dist.sample()",
                ("sample()", "log_prob"),
                right=finite_gradient("policy.weight"),
            ),
        )
    ),
    "69": Expected((Said("parameter-without-gradient", None, ("policy.weight", "sample()")),)),
    "73": Expected(agrees=True),
}
