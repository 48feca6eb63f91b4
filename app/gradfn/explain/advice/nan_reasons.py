"""Why a function's gradient can be NaN or infinite at finite values, and what avoids it."""

ANY_REASON = (
    "its derivative at this value is infinite or undefined",
    "Keep its input away from such values.",
)
_AT_ZERO = "its derivative at 0 is infinite"
_UNDER_THE_ROOT = "Add a small number under the root: `(x + 1e-8).sqrt()`."
_DIVISION = (
    "it divides by 0",
    "Make the divisor safe: `x / torch.where(y == 0, 1.0, y)`, or add a small number to it.",
)
_AT_ONE = (
    "its derivative at -1 and 1 is infinite",
    "Keep its input inside: `x.clamp(-1 + 1e-6, 1 - 1e-6)`.",
)
_SPREAD = (
    "the values are all equal, and its derivative at 0 is infinite",
    "Add a small number under the root: `(x.var() + 1e-8).sqrt()`.",
)

NAN_REASONS: dict[str, tuple[str, str]] = {
    "SqrtBackward0": (_AT_ZERO, _UNDER_THE_ROOT),
    "RsqrtBackward0": (_AT_ZERO, _UNDER_THE_ROOT),
    "LogBackward0": (_AT_ZERO, "Keep its input above 0: `x.clamp(min=1e-8).log()`."),
    "Log2Backward0": (_AT_ZERO, "Keep its input above 0: `x.clamp(min=1e-8)`."),
    "Log10Backward0": (_AT_ZERO, "Keep its input above 0: `x.clamp(min=1e-8)`."),
    "Log1PBackward0": ("its derivative at -1 is infinite", "Keep its input above -1."),
    "DivBackward0": _DIVISION,
    "DivBackward1": _DIVISION,
    "ReciprocalBackward0": _DIVISION,
    "PowBackward0": (
        "a power below 1 has an infinite derivative at 0",
        "Keep its input away from 0: `(x + 1e-8) ** p`.",
    ),
    "PowBackward1": (
        "a power below 1 has an infinite derivative at 0, and the derivative for the exponent "
        "needs a positive base",
        "Keep the base positive: `x.clamp(min=1e-8) ** p`.",
    ),
    "AcosBackward0": _AT_ONE,
    "AsinBackward0": _AT_ONE,
    "AtanhBackward0": _AT_ONE,
    "StdBackward0": _SPREAD,
    "StdMeanBackward0": _SPREAD,
    "Atan2Backward0": (
        "it has no derivative where both arguments are 0",
        "Keep one of them away from 0.",
    ),
}
