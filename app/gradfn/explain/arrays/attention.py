"""Scaled dot-product attention, and its vector-Jacobian products."""

import math
from typing import Any

from gradfn.explain.arrays.array import Array, matmul, softmax, sum_of
from gradfn.explain.arrays.notation import ATOM, Table
from gradfn.explain.arrays.shapes import transpose


def _attention(q: Array, k: Array, mask: Any, causal: Any, scale: Any) -> tuple[Array, float]:
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale)
    scores = matmul(q, transpose(k)) * factor
    if causal:
        rows, columns = scores.shape[-2:]
        hidden = [0.0 if j <= i else -math.inf for i in range(rows) for j in range(columns)]
        scores = scores + Array((rows, columns), hidden)
    if mask is not None:
        scores = scores + mask
    return softmax(scores, -1), factor


def attention(q: Array, k: Array, v: Array, mask: Any, causal: Any, scale: Any) -> Array:
    """Scaled dot-product attention."""
    return matmul(_attention(q, k, mask, causal, scale)[0], v)


def attention_back(
    grad: Array, q: Array, k: Array, v: Array, mask: Any, causal: Any, scale: Any, which: int
) -> Array:
    """vᵀ·J of `attention` for the query (0), the key (1) or the value (2)."""
    p, factor = _attention(q, k, mask, causal, scale)
    if which == 2:
        return matmul(transpose(p), grad)
    inner = matmul(grad, transpose(v))
    scores = p * (inner - sum_of(inner * p, -1, True)) * factor
    return matmul(scores, k) if which == 0 else matmul(transpose(scores), q)


FUNCTIONS: Table = {
    "attention": (attention, "#1", ATOM),
    "attention_back": (attention_back, "#1", ATOM),
}
