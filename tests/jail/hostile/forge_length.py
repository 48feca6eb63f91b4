# tries: to announce a record of four gigabytes
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os, time

os.write(3, b"\xff\xff\xff\xff")
time.sleep(9)
