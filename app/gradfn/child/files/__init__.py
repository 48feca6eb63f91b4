"""Files that a program writes: in its own memory, gone with it, and never on a disk."""
