"""The command line: a script run in this very process, and what is said or drawn of it."""
