"""The life of a run, outside: ready children, the deadline, the verdict on how a child ended."""
