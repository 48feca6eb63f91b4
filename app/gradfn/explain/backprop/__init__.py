"""Gradients worked out by hand, path by path, beside what autograd did."""
