"""Live runs: programs that are watched, paused and changed while they run."""
