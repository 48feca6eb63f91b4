# tries: to list the keys in every home
# must: nothing found, whoever started the server
# ends: finished
# control: no, a machine may have no keys
import pathlib, pwd

for home in ["/root", *(f"/home/{name}" for name in ("runner", "user", "debian", "ubuntu"))]:
    for folder in (".ssh", ".aws", ".config"):
        try:
            print("HARM", list(pathlib.Path(home, folder).iterdir()))
        except OSError:
            pass
