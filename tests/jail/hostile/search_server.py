# tries: to import the web side and read the settings it was started with
# must: nothing found
# ends: raised PermissionError | raised ModuleNotFoundError | finished
# control: no, the child's environment has none of them
import os

import gradfn.web.app

found = [name for name in os.environ if name.startswith("GRADFN")]
if found:
    print("HARM", found)
