"""Readers and layouts seen from outside: bytes go in, bytes come out."""
