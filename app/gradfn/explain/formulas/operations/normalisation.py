"""Normalisation and dropout. h is the gradient before the scale: v·w."""

from typing import Any

from gradfn.explain.formulas.operation import op, vjp

_INPUT = r"\frac{1}{\sigma} \left(h - \bar{h} - \hat{x}\, \overline{h\, \hat{x}}\right)"
_AFFINE = r"w\, \hat{x} + b,\quad \hat{x} = \frac{x - \mu}{\sigma}"

_BATCH: dict[str, Any] = {
    "input": vjp(
        "batch_back(grad * channels(weight, input, 1), input, running_mean, running_var,"
        " training, eps)",
        _INPUT,
    ),
    "weight": vjp(
        "per_channel(grad * batch_normal(input, running_mean, running_var, training, eps))",
        r"\sum v\, \hat{x}",
    ),
    "bias": vjp("per_channel(grad)", r"\sum v"),
}
_BATCH_FORWARD = (
    "channels(weight, input, 1) * batch_normal(input, running_mean, running_var, training, eps)"
    " + channels(bias, input)"
)

NORMALISATION = (
    op("NativeLayerNormBackward",
       "given(weight, 1) * normal(input, last(normalized_shape), eps) + given(bias, 0)",
       latex=_AFFINE,
       input=vjp("normal_back(grad * given(weight, 1), input, last(normalized_shape), eps)",
                 _INPUT),
       weight=vjp("sum_to(grad * normal(input, last(normalized_shape), eps), weight)",
                  r"\sum v\, \hat{x}"),
       bias=vjp("sum_to(grad, bias)", r"\sum v")),
    op("NativeGroupNormBackward",
       "channels(weight, input, 1) * group_normal(input, group, eps) + channels(bias, input)",
       latex=_AFFINE,
       input=vjp("group_back(grad * channels(weight, input, 1), input, group, eps)", _INPUT),
       weight=vjp("per_channel(grad * group_normal(input, group, eps))", r"\sum v\, \hat{x}"),
       bias=vjp("per_channel(grad)", r"\sum v")),
    op("NativeBatchNormBackward", _BATCH_FORWARD, latex=_AFFINE, **_BATCH),
    op("NativeDropoutBackward", "input * kept / (1 - p)", input="kept / (1 - p)",
       symbols={"kept": "m"}),
)  # fmt: skip
