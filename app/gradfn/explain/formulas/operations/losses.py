"""Loss functions; `reduction` is 0 for none, 1 for the mean, 2 for the sum."""

from gradfn.explain.formulas.operation import op, vjp

LOSSES = (
    op("MseLossBackward", "reduced((self - target) ** 2, reduction)",
       self=vjp("shared(grad, self, reduction) * 2 * (self - target)"),
       target=vjp("-shared(grad, self, reduction) * 2 * (self - target)")),
    op("SmoothL1LossBackward",
       "reduced(where(abs(self - target) < beta, (self - target) ** 2 / (2 * beta),"
       " abs(self - target) - beta / 2), reduction)",
       self=vjp("shared(grad, self, reduction) * clamp((self - target) / beta, -1, 1)"),
       target=vjp("-shared(grad, self, reduction) * clamp((self - target) / beta, -1, 1)")),
    op("HuberLossBackward",
       "reduced(where(abs(self - target) < delta, (self - target) ** 2 / 2,"
       " delta * (abs(self - target) - delta / 2)), reduction)",
       self=vjp("shared(grad, self, reduction) * clamp(self - target, -delta, delta)"),
       target=vjp("-shared(grad, self, reduction) * clamp(self - target, -delta, delta)")),
    op("BinaryCrossEntropyBackward",
       "reduced(-given(weight, 1) * (target * log_floor(self)"
       " + (1 - target) * log_floor(1 - self)), reduction)",
       self=vjp("shared(grad, self, reduction) * given(weight, 1) * (self - target)"
                " / maximum(self * (1 - self), 1e-12)",
                r"\frac{v}{n}\, w \cdot \frac{x - t}{x \cdot (1 - x)}"),
       target=vjp("shared(grad, self, reduction) * given(weight, 1)"
                  " * (log_floor(1 - self) - log_floor(self))")),
    op("BinaryCrossEntropyWithLogitsBackward",
       "reduced(given(weight, 1) * ((1 - target) * self"
       " + (1 + (given(pos_weight, 1) - 1) * target) * softplus(-self)), reduction)",
       self=vjp("shared(grad, self, reduction) * given(weight, 1) * ((1 - target)"
                " - (1 + (given(pos_weight, 1) - 1) * target) * sigmoid(-self))"),
       target=vjp("shared(grad, self, reduction) * given(weight, 1)"
                  " * ((given(pos_weight, 1) - 1) * softplus(-self) - self)")),
    op("SoftMarginLossBackward", "reduced(softplus(-target * self), reduction)",
       self=vjp("shared(grad, self, reduction) * -target * sigmoid(-target * self)")),
    op("NllLossBackward",
       "weighted(-class_sum(self, chosen(target, self, weight, ignore_index)),"
       " chosen(target, self, weight, ignore_index), reduction)",
       self=vjp("-weighted_share(grad, chosen(target, self, weight, ignore_index), reduction)",
                r"-\frac{v}{\sum_i w_{t_i}}\, w_{t_i} \text{ at the target class, } 0 "
                r"\text{ elsewhere}"),
       latex=r"-\frac{1}{\sum_i w_{t_i}} \sum_i w_{t_i}\, x_{i,\,t_i}"),
    op("NllLoss2DBackward",
       "weighted(-class_sum(self, chosen(target, self, weight, ignore_index)),"
       " chosen(target, self, weight, ignore_index), reduction)",
       self=vjp("-weighted_share(grad, chosen(target, self, weight, ignore_index), reduction)",
                r"-\frac{v}{\sum_i w_{t_i}}\, w_{t_i} \text{ at the target class, } 0 "
                r"\text{ elsewhere}"),
       latex=r"-\frac{1}{\sum_i w_{t_i}} \sum_i w_{t_i}\, x_{i,\,t_i}"),
    op("MultiMarginLossBackward",
       "reduced(margin_loss(self, target, p, margin, weight), reduction)",
       self=vjp("margin_share(grad, self, reduction)"
                " * margin_slope(self, target, p, margin, weight)"),
       latex=r"\frac{1}{nC} \sum_i \sum_{j \ne t_i} w_{t_i} \max(0,\, m - x_{t_i} + x_j)^p"),
)  # fmt: skip
