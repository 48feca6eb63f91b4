# tries: to read what the run before it wrote
# must: it finds nothing
# ends: finished
# control: no, what it wrote is in the memory of the one before
# runs: 3
import os, sqlite3, tempfile, torch

for folder in (os.getcwd(), tempfile.gettempdir()):
    name = os.path.join(folder, "gradfn-hostile-weights.pt")
    if os.path.exists(name) or os.path.exists(name + ".sqlite"):
        print("HARM", name)
    torch.save({"w": torch.ones(2)}, name)
    sqlite3.connect(name + ".sqlite").execute("create table if not exists t (a)")
