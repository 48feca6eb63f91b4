"""What every request passes: the access log, limits of bodies and heads, headers."""
