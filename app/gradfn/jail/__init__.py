"""The jail: what a child gives up before it reads a program."""
