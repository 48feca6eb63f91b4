"""`python -m gradfn.jail.probe`: which layers of the jail this machine has, as JSON."""

import json

from gradfn.jail.jail import has_seccomp
from gradfn.jail.landlock import landlock_abi

if __name__ == "__main__":
    print(json.dumps({"landlock": landlock_abi(), "seccomp": has_seccomp()}))
