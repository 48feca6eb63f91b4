"""What is said about errors, warnings and silent mistakes."""
