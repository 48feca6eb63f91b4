"""The program itself: compiled, executed, ended in time, its errors and figures shown."""
