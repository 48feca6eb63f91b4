"""The table of operations: the formula and the derivatives of each kind of backward node.

An entry is one `op(…)` in the file of its family. `tests/explain/test_operations.py`
asks for a program that makes the node, and holds the entry to autograd in float64.
"""

from gradfn.explain.formulas.operation import Operation
from gradfn.explain.formulas.operations.activations import ACTIVATIONS
from gradfn.explain.formulas.operations.arithmetic import ARITHMETIC
from gradfn.explain.formulas.operations.convolution import CONVOLUTION
from gradfn.explain.formulas.operations.indexing import INDEXING
from gradfn.explain.formulas.operations.linear_algebra import LINEAR_ALGEBRA
from gradfn.explain.formulas.operations.losses import LOSSES
from gradfn.explain.formulas.operations.normalisation import NORMALISATION
from gradfn.explain.formulas.operations.pointwise import POINTWISE
from gradfn.explain.formulas.operations.reductions import REDUCTIONS
from gradfn.explain.formulas.operations.shape import SHAPE

_FAMILIES: tuple[tuple[Operation, ...], ...] = (
    ARITHMETIC,
    POINTWISE,
    ACTIVATIONS,
    LOSSES,
    REDUCTIONS,
    SHAPE,
    INDEXING,
    LINEAR_ALGEBRA,
    NORMALISATION,
    CONVOLUTION,
)

OPERATIONS = {each.name: each for family in _FAMILIES for each in family}
