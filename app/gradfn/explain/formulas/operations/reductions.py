"""Many elements into one."""

from gradfn.explain.formulas.operation import op, vjp

_EVENLY = r"v\,\frac{[x = z]}{\#\{x = z\}}"
_CHOSEN = r"v \text{ where } x \text{ was chosen, } 0 \text{ elsewhere}"
_BACK = vjp("back(grad, self, chosen_at(self, dim, indices, keepdim, result))", _CHOSEN)
_ORDERED = vjp("back(grad, self, gather(at(self), dim, indices))", _CHOSEN)


def _even(dims: str) -> str:
    return f"spread(grad, self{dims}) * tied(self, result{dims})"


REDUCTIONS = (
    op("SumBackward", "sum(self)", self=vjp("spread(grad, self)", r"v\, \mathbf{1}^{\top}")),
    op("SumBackward1", "sum(self, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim)", r"v\, \mathbf{1}^{\top}")),
    op("NansumBackward", "nansum(self, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) * isnt(isnan(self))")),
    op("MeanBackward", "mean(self)", self=vjp("spread(grad, self) / count(self)")),
    op("MeanBackward1", "mean(self, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) / count(self, dim)")),
    op("ProdBackward", "prod(self)",
       self=vjp("spread(grad, self) * prod_of_others(self)")),
    op("ProdBackward1", "prod(self, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) * prod_of_others(self, dim)")),
    op("VarBackward", "var(self, dim, given(correction, 1), keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) * 2 * (self - mean(self, dim, 1))"
                " / (count(self, dim) - given(correction, 1))",
                r"v \cdot \frac{2\,(x - \bar{x})}{n - 1}"),
       latex=r"\frac{1}{n - 1} \sum (x - \bar{x})^2"),
    op("StdBackward", "std(self, dim, given(correction, 1), keepdim)",
       self=vjp("spread(grad * inverse_or_zero(result), self, dim, keepdim)"
                " * (self - mean(self, dim, 1)) / (count(self, dim) - given(correction, 1))",
                r"v \cdot \frac{x - \bar{x}}{(n - 1)\, z}"),
       latex=r"\sqrt{\frac{1}{n - 1} \sum (x - \bar{x})^2}"),
    op("VarMeanBackward",
       ("var(self, dim, given(correction, 1), keepdim)", "mean(self, dim, keepdim)"),
       self=vjp("spread(grad0, self, dim, keepdim) * 2 * (self - mean(self, dim, 1))"
                " / (count(self, dim) - given(correction, 1))"
                " + spread(grad1, self, dim, keepdim) / count(self, dim)",
                r"v_0 \cdot \frac{2\,(x - \bar{x})}{n - 1} + \frac{v_1}{n}")),
    op("StdMeanBackward",
       ("std(self, dim, given(correction, 1), keepdim)", "mean(self, dim, keepdim)"),
       self=vjp("spread(grad0 * inverse_or_zero(result0), self, dim, keepdim)"
                " * (self - mean(self, dim, 1)) / (count(self, dim) - given(correction, 1))"
                " + spread(grad1, self, dim, keepdim) / count(self, dim)",
                r"v_0 \cdot \frac{x - \bar{x}}{(n - 1)\, z_0} + \frac{v_1}{n}")),
    op("LogsumexpBackward", "logsumexp(self, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim)"
                " * exp(self - spread(result, self, dim, keepdim))")),
    op("NormBackward", "norm(self, p)",
       self=vjp("spread(grad, self) * norm_slope(self, p)")),
    op("NormBackward1", "norm(self, p, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) * norm_slope(self, p, dim)")),
    op("LinalgVectorNormBackward", "norm(self, ord, dim, keepdim)",
       self=vjp("spread(grad, self, dim, keepdim) * norm_slope(self, ord, dim)")),
    op("DistBackward", "norm(self - other, p)",
       self=vjp("grad * norm_slope(self - other, p)"),
       other=vjp("-grad * norm_slope(self - other, p)")),
    op("AmaxBackward", "amax(self, dim, keepdim)",
       self=vjp(_even(", dim, keepdim"), _EVENLY)),
    op("AminBackward", "amin(self, dim, keepdim)",
       self=vjp(_even(", dim, keepdim"), _EVENLY)),
    op("AminmaxBackward", ("amin(self, dim, keepdim)", "amax(self, dim, keepdim)"),
       self=vjp("spread(grad0, self, dim, keepdim) * tied(self, result0, dim, keepdim)"
                " + spread(grad1, self, dim, keepdim) * tied(self, result1, dim, keepdim)",
                r"v_0\,\frac{[x = z_0]}{\#\{x = z_0\}} + v_1\,\frac{[x = z_1]}{\#\{x = z_1\}}")),
    op("MaxBackward1", "amax(self)", self=vjp(_even(""), _EVENLY)),
    op("MinBackward1", "amin(self)", self=vjp(_even(""), _EVENLY)),
    op("MaxBackward", "amax(self, dim, keepdim)", self=_BACK),
    op("MinBackward", "amin(self, dim, keepdim)", self=_BACK),
    op("MedianBackward", "median(self)", self=vjp(_even(""), _EVENLY)),
    op("MedianBackward1", "median(self, dim, keepdim)", self=_BACK),
    op("KthvalueBackward", "kth(self, k, dim, keepdim)", self=_BACK),
    op("ModeBackward", "take(self, chosen_at(self, dim, indices, keepdim))", self=_BACK,
       latex=r"\operatorname{mode} x"),
    op("SortBackward", "ordered(self, dim, descending)", self=_ORDERED),
    op("SortBackward1", "ordered(self, dim, descending)", self=_ORDERED),
    op("TopkBackward", "gather(self, dim, indices)", self=_ORDERED,
       latex=r"\text{the } k \text{ largest of } x"),
    op("CummaxBackward", "gather(self, dim, indices)", self=_ORDERED,
       latex=r"\max_{j \le i} x_j"),
    op("CumminBackward", "gather(self, dim, indices)", self=_ORDERED,
       latex=r"\min_{j \le i} x_j"),
    op("CumsumBackward", "cumsum(self, dim)", self=vjp("sum_from(grad, dim)")),
    op("CumprodBackward", "cumprod(self, dim)",
       self=vjp("sum_from(grad * result, dim) / self")),
    op("LogcumsumexpBackward", "logcumsumexp(self, dim)",
       self=vjp("exp(self) * sum_from(grad * exp(-result), dim)")),
    op("TraceBackward", "trace(self)", self=vjp("grad * eye_like(self)"), matrices=True),
    op("RenormBackward", "self * renorm_factor(self, p, dim, maxnorm)",
       self=vjp("renorm_back(grad, self, p, dim, maxnorm)",
                r"f \left(v - x\, \frac{\sum v\, x}{\|x\|^2}\right) \text{ where } "
                r"\|x\| > m,\; v \text{ elsewhere}")),
)  # fmt: skip
