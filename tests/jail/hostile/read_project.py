# tries: to read the project's sources and settings beside the package
# must: PermissionError
# ends: raised PermissionError
# control: yes
import gradfn, os

root = os.path.dirname(os.path.dirname(os.path.dirname(gradfn.__file__)))
for name in (".env", "pyproject.toml"):
    path = os.path.join(root, name)
    if os.path.exists(path):
        print("HARM", open(path).readline())
