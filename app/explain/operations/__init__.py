"""The table of operations: the formula and the derivatives of each kind of backward node.

An entry is one `op(…)` in the file of its family. `tests/test_operations.py` asks for a program
that makes the node, and holds the entry to autograd in float64.
"""

from app.explain.operation import Operation
from app.explain.operations.activations import ACTIVATIONS
from app.explain.operations.arithmetic import ARITHMETIC
from app.explain.operations.convolution import CONVOLUTION
from app.explain.operations.indexing import INDEXING
from app.explain.operations.linear_algebra import LINEAR_ALGEBRA
from app.explain.operations.losses import LOSSES
from app.explain.operations.normalisation import NORMALISATION
from app.explain.operations.pointwise import POINTWISE
from app.explain.operations.reductions import REDUCTIONS
from app.explain.operations.shape import SHAPE

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
