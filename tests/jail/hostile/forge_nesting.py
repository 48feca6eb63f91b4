# tries: to tell a record that is nested so deep that a decoder overflows
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os, time

os.write(3, (400_000).to_bytes(4, "little") + b"\x91" * 400_000)
time.sleep(9)
