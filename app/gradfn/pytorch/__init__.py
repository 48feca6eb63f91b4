"""PyTorch's own tables, read from its files without importing torch."""
