"""What the probes note while the program runs."""
