"""What a jail without processes, sockets and GPUs does in their place, so that a program runs."""
