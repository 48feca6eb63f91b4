"""Readers: jailed processes that make answers of what children told; the server never reads it."""
