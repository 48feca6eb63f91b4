"""PyTorch's graph, tensors and names, read without changing anything."""
