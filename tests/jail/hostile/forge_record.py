# tries: to say things that only the server may
# must: a broken wire
# ends: crashed crash
# control: no, its own pipes are its own to spoil
import msgspec, os, time

body = msgspec.msgpack.encode(("Printed", "stdout", "HARM", False))
os.write(3, len(body).to_bytes(4, "little") + body)
time.sleep(9)
