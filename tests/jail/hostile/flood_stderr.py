# tries: to write to stderr without end
# must: the limit of output, told as such
# ends: limit output
# control: no, a limit and not a right
import os

while True:
    os.write(2, b"\xff\x00\x1b[2J" * 99)
