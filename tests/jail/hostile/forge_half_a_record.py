# tries: to announce a record and tell half of it
# must: a crash that says it ended early
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import os

os.write(3, (1_000).to_bytes(4, "little") + b"\x92\xa6Warned")
os._exit(0)
