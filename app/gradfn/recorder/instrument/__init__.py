"""A program with probes put into its syntax tree."""
