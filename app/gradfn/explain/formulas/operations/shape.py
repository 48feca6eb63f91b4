"""Views and copies that only move elements: the gradient is moved back."""

from gradfn.explain.formulas.operation import Operation, op, vjp

_PLACED = r"v \text{ placed back where } x \text{ was read, } 0 \text{ elsewhere}"
_SUMMED = r"\text{the sum of } v \text{ over all copies of each } x"
_RESHAPED = r"v \text{ in the shape of } x"
_LIKE = vjp("like(grad, self)", _RESHAPED)


def _moved(name: str, function: str, *arguments: str, latex: str = _PLACED) -> Operation:
    rest = ", ".join(arguments)
    return op(
        name,
        f"{function}(self, {rest})",
        self=vjp(f"back(grad, self, {function}(at(self), {rest}))", latex),
    )


_LISTED = vjp(
    "back(cat(flat(grads)), self, cat(flat(pieces)))",
    r"\text{the parts' } v_i \text{ put together}",
)

SHAPE = (
    op("ViewBackward", "reshape(self, size)", self=_LIKE),
    op("UnsafeViewBackward", "reshape(self, size)", self=_LIKE),
    op("ReshapeAliasBackward", "reshape(self, size)", self=_LIKE),
    op("UnsqueezeBackward", "unsqueeze(self, dim)", self=_LIKE),
    op("SqueezeBackward", "squeeze(self)", self=_LIKE),
    op("SqueezeBackward1", "squeeze(self, dim)", self=_LIKE),
    op("SqueezeBackward2", "squeeze(self, dim)", self=_LIKE),
    op("SqueezeBackward4", "squeeze(self, dim)", self=_LIKE),
    op("TBackward", "T(self)", self=vjp("T(grad)"), matrices=True),
    op("TransposeBackward", "transpose(self, dim0, dim1)",
       self=vjp("transpose(grad, dim0, dim1)"), matrices=True),
    op("TransposeBackward1", "transpose(self, dim0, dim1)",
       self=vjp("transpose(grad, dim0, dim1)"), matrices=True),
    op("PermuteBackward", "permute(self, dims)", self=vjp("unpermute(grad, dims)")),
    _moved("ExpandBackward", "expand", "size", latex=_SUMMED),
    _moved("RepeatBackward", "repeat", "repeats", latex=_SUMMED),
    _moved("SelectBackward", "select", "dim", "index"),
    _moved("SliceBackward", "slice", "dim", "start", "end", "step"),
    _moved("DiagonalBackward", "diagonal_of", "offset", "dim1", "dim2"),
    _moved("UnfoldBackward", "unfold", "dimension", "size", "step", latex=_SUMMED),
    _moved("AsStridedBackward", "strided", "size", "stride", "storage_offset", latex=_SUMMED),
    op("FlipBackward", "flip(self, dims)", self=vjp("flip(grad, dims)")),
    op("RollBackward", "roll(self, shifts, dims)", self=vjp("roll_back(grad, shifts, dims)")),
    op("Rot90Backward", "rot90(self, k, dims)", self=vjp("rot90(grad, -k, dims)")),
    op("TrilBackward", "tril(self, diagonal)", self=vjp("tril(grad, diagonal)"), matrices=True),
    op("TriuBackward", "triu(self, diagonal)", self=vjp("triu(grad, diagonal)"), matrices=True),
    op("DiagEmbedBackward", "diag_embed(self, offset)",
       self=vjp("diagonal_of(grad, offset, dim1, dim2)")),
    op("CatBackward", "cat(tensors, dim)",
       tensors=vjp("part(grad, tensors, nr, dim)", r"v_{[\text{part } i]}")),
    op("StackBackward", "stack(tensors, dim)",
       tensors=vjp("select(grad, dim, nr)", r"v_{[i]}")),
    op("BlockDiagBackward", "block_diag(tensors)",
       tensors=vjp("block(grad, tensors, nr)", r"v_{[\text{block } i]}")),
    op("UnbindBackward", "select(self, dim, nr)", self=_LISTED),
    op("SplitBackward", "slice(self, dim, nr * split_size, (nr + 1) * split_size)",
       self=_LISTED, latex=r"x_{[\text{part } i]}"),
    op("UnsafeSplitBackward", "slice(self, dim, nr * split_size, (nr + 1) * split_size)",
       self=_LISTED, latex=r"x_{[\text{part } i]}"),
    op("SplitWithSizesBackward", "sized_part(self, split_sizes, nr, dim)",
       self=_LISTED, latex=r"x_{[\text{part } i]}"),
    op("SelectScatterBackward", "where(selected(self, dim, index), widen(src, self, dim), self)",
       self=vjp("grad * isnt(selected(self, dim, index))", r"v \text{ where } x \text{ stayed}"),
       src=vjp("select(grad, dim, index)"),
       latex=r"x \text{ with } y \text{ at } [i]"),
    op("PixelShuffleBackward", "pixel_shuffle(self, upscale_factor)",
       self=vjp("pixel_unshuffle(grad, upscale_factor)")),
    op("PixelUnshuffleBackward", "pixel_unshuffle(self, downscale_factor)",
       self=vjp("pixel_shuffle(grad, downscale_factor)")),
    op("ConstantPadNdBackward", "padded(self, pad, value)",
       self=vjp("unpad(grad, pad)")),
    _moved("ReflectionPad1DBackward", "reflect", "padding", latex=_SUMMED),
    _moved("ReflectionPad2DBackward", "reflect", "padding", latex=_SUMMED),
    _moved("ReflectionPad3DBackward", "reflect", "padding", latex=_SUMMED),
    _moved("ReplicationPad1DBackward", "replicate", "padding", latex=_SUMMED),
    _moved("ReplicationPad2DBackward", "replicate", "padding", latex=_SUMMED),
    _moved("ReplicationPad3DBackward", "replicate", "padding", latex=_SUMMED),
)  # fmt: skip
