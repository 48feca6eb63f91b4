"""A live run from inside: pausing, stepping, parameters, charts, and the graph while it moves."""
