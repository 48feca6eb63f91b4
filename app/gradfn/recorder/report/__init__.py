"""The notes of a run as events, tied to the graph at its end."""
