"""Convolution, pooling and resampling."""

from gradfn.explain.formulas.operation import op, vjp

_GEOMETRY = "stride, padding, dilation, transposed, output_padding, groups"
_AVERAGE = "kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override"
_WINDOW = "kernel_size, stride, padding, dilation, ceil_mode"

CONVOLUTION = (
    op("ConvolutionBackward", f"conv(input, weight, bias, {_GEOMETRY})",
       input=vjp(f"conv_input(grad, input, weight, {_GEOMETRY})"),
       weight=vjp(f"conv_weight(grad, input, weight, {_GEOMETRY})"),
       bias=vjp("per_channel(grad)", r"\sum_{n,\,i} v_{n,o,i}")),
    op("AvgPool2DBackward", f"avg_pool(self, {_AVERAGE}, 2)",
       self=vjp(f"avg_pool_back(grad, self, {_AVERAGE}, 2)")),
    op("AvgPool3DBackward", f"avg_pool(self, {_AVERAGE}, 3)",
       self=vjp(f"avg_pool_back(grad, self, {_AVERAGE}, 3)")),
    op("AdaptiveAvgPool2DBackward", "adaptive_pool(self, output_size, 2)",
       self=vjp("adaptive_pool_back(grad, self, output_size, 2)")),
    op("AdaptiveAvgPool3DBackward", "adaptive_pool(self, output_size, 3)",
       self=vjp("adaptive_pool_back(grad, self, output_size, 3)")),
    op("MaxPool2DWithIndicesBackward", f"max_pool(self, {_WINDOW}, 2)",
       self=vjp(f"unpool_add(grad, self, result1, {_WINDOW}, 2)")),
    op("MaxPool3DWithIndicesBackward", f"max_pool(self, {_WINDOW}, 3)",
       self=vjp(f"unpool_add(grad, self, result1, {_WINDOW}, 3)")),
    op("MaxUnpool2DBackward", "unpool(self, indices, output_size)",
       self=vjp("unpool_back(grad, self, indices, 2)", r"v_{i(j)}")),
    op("UpsampleNearest1DBackward", "nearest(self, output_size)",
       self=vjp("nearest_back(grad, self, output_size)")),
    op("UpsampleNearest2DBackward", "nearest(self, output_size)",
       self=vjp("nearest_back(grad, self, output_size)")),
    op("UpsampleNearest3DBackward", "nearest(self, output_size)",
       self=vjp("nearest_back(grad, self, output_size)")),
    op("UpsampleLinear1DBackward", "interpolated(self, output_size, align_corners)",
       self=vjp("interpolated_back(grad, self, output_size, align_corners)")),
    op("UpsampleBilinear2DBackward", "interpolated(self, output_size, align_corners)",
       self=vjp("interpolated_back(grad, self, output_size, align_corners)")),
    op("UpsampleTrilinear3DBackward", "interpolated(self, output_size, align_corners)",
       self=vjp("interpolated_back(grad, self, output_size, align_corners)")),
    op("Im2ColBackward", "patches(self, kernel_size, dilation, padding, stride)",
       self=vjp("patches_back(grad, self, kernel_size, dilation, padding, stride)")),
    op("Col2ImBackward", "fold(self, output_size, kernel_size, dilation, padding, stride)",
       self=vjp("unfold_like(grad, kernel_size, dilation, padding, stride)")),
)  # fmt: skip
