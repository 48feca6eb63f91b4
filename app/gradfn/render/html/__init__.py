"""A run as HTML that needs nothing else: a file, or an output of a notebook."""
