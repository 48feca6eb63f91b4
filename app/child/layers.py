"""`python -m app.child.layers`: which layers of the jail this machine has, as JSON."""

import json

from app.child.jail import has_seccomp
from app.child.landlock import landlock_abi

if __name__ == "__main__":
    print(json.dumps({"landlock": landlock_abi(), "seccomp": has_seccomp()}))
