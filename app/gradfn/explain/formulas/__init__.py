"""Each function as mathematics: its forward formula and its derivatives, with numbers."""
