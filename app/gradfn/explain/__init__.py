"""What we say about a run: errors, warnings, limits. Pure: a document in, a richer one out."""
