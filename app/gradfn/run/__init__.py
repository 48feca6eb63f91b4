"""A run as its parent process sees it: ready children, limits, events, how a child ended."""
