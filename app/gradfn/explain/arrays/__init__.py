"""Arrays of numbers in plain Python, for the web process holds no numerical library."""
