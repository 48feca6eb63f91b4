"""Where a notebook meets gradfn: the graph behind live tensors, and a cell that is recorded."""
