"""Gradients by hand, path by path, compared with autograd."""
