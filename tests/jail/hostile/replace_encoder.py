# tries: to replace what encodes
# must: a run like others, or a crash of this run only
# ends: finished | crashed crash
# control: no, it harms only itself
import json, msgspec

import gradfn.events.wire

json.dumps = msgspec.msgpack.encode = lambda *arguments: b"HARM"
gradfn.events.wire._encoder = gradfn.events.wire.encode = None
