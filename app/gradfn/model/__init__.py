"""What the events amount to: the graph and the run document. Pure, and free of HTTP and torch."""
