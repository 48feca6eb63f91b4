"""Files of a program are in its memory; what Python says of them is what it says of others."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Served

PROGRAMS = {
    "text": """
import os
with open("a.txt", "w") as f:
    f.write("hello\\nworld\\n")
with open("a.txt", "a") as f:
    f.write("more")
    print(f.tell(), f.mode, f.name)
with open("a.txt", "r+") as f:
    f.seek(2)
    f.write("LL")
print(open("a.txt").readlines(), os.path.getsize("a.txt"), os.path.exists("b"), os.path.isdir("."))
""",
    "errors": """
import os
os.makedirs("full/deep")
open("file", "w").close()
for act in (
    lambda: open("none"), lambda: open("full"), lambda: open("file", "x"),
    lambda: open("file", "q"),
    lambda: open("file", "rb", encoding="utf-8"), lambda: open("file/in", "w"),
    lambda: open("none/in", "w"), lambda: os.mkdir("full"), lambda: os.rmdir("full"),
    lambda: os.remove("none"), lambda: os.listdir("none"), lambda: os.rename("none", "b"),
    lambda: os.stat("none"), lambda: open("file").write("a"), lambda: open("file", "w").read(),
    lambda: os.listdir("file"), lambda: os.rename("full", "full/deep/in"), lambda: open(""),
    lambda: open("a\\0b"), lambda: open(None), lambda: open("file", "rb", 0).seek(-1),
):
    try:
        print("no error", act())
    except Exception as error:
        print(type(error).__name__, error)
""",
    "folders": """
import glob, os, pathlib, shutil
os.makedirs("a/b", exist_ok=True)
os.makedirs("a/b", exist_ok=True)
(pathlib.Path("a") / "x.json").write_text("{}")
shutil.copy("a/x.json", "a/b/y.json")
shutil.copytree("a", "c")
shutil.move("c/x.json", "moved.json")
print(sorted(os.listdir("a")), sorted(glob.glob("**/*.json", recursive=True)))
print([(folder, sorted(folders), sorted(files)) for folder, folders, files in sorted(os.walk("."))])
os.chdir("a")
print(sorted(str(each) for each in pathlib.Path(".").rglob("*")), os.path.basename(os.getcwd()))
os.chdir("..")
shutil.rmtree("c")
os.replace("moved.json", "a/x.json")
print(sorted(os.listdir()), sorted(each.is_file() for each in os.scandir("a")))
""",
    "temporary": """
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    open(os.path.join(folder, "q"), "wb").write(b"123")
    print(os.listdir(folder))
print(os.path.exists(folder))
with tempfile.NamedTemporaryFile("w+") as f:
    f.write("abc")
    f.seek(0)
    print(f.read(), os.path.exists(f.name))
print(os.path.exists(f.name))
with tempfile.TemporaryFile() as f:
    f.write(b"zz")
    f.seek(0)
    print(f.read())
number, name = tempfile.mkstemp()
os.write(number, b"hi")
print(os.fstat(number).st_size)
os.close(number)
print(open(name, "rb").read())
os.remove(name)
""",
    "libraries": """
import csv, gzip, json, logging, pickle, shelve, sqlite3, tarfile, zipfile
import numpy as np
import torch
from torch import nn
net = nn.Linear(2, 1)
torch.save(net.state_dict(), "net.pt")
print(net.load_state_dict(torch.load("net.pt")))
np.save("a.npy", np.arange(3))
np.savetxt("a.txt", np.eye(2))
np.savez("a.npz", b=np.ones(2))
print(np.load("a.npy"), np.loadtxt("a.txt"), np.load("a.npz")["b"])
database = sqlite3.connect("a.db")
database.execute("create table t (a)")
database.execute("insert into t values (1)")
database.commit()
database.close()
print(sqlite3.connect("a.db").execute("select * from t").fetchall())
pickle.dump([1], open("a.pkl", "wb"))
print(pickle.load(open("a.pkl", "rb")))
with open("a.csv", "w", newline="") as f:
    csv.writer(f).writerow([1, 2])
with open("a.json", "w") as f:
    json.dump({"a": 1}, f)
with zipfile.ZipFile("a.zip", "w") as z:
    z.write("a.csv")
with gzip.open("a.gz", "wt") as g:
    g.write("text")
with tarfile.open("a.tar", "w") as t:
    t.add("a.csv")
with shelve.open("kept") as s:
    s["a"] = 1
print(zipfile.ZipFile("a.zip").namelist(), gzip.open("a.gz", "rt").read())
print(tarfile.open("a.tar").getnames())
print(dict(shelve.open("kept")), json.load(open("a.json")))
logging.basicConfig(filename="a.log", level=logging.INFO, force=True)
logging.info("logged")
logging.shutdown()
print(open("a.log").read())
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_are_as_in_plain_python(name: str, server: Served, tmp_path: Path) -> None:
    plain = subprocess.run(
        [sys.executable, "-c", PROGRAMS[name]], cwd=tmp_path, capture_output=True, text=True
    )

    document = server.run(PROGRAMS[name])

    assert document["error"] is None, document["stderr"]
    assert document["stdout"] == plain.stdout
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert plain.returncode == 0
    # dbm is another one where Python was built with more libraries.
    named = {each["name"] for each in document["files"] if not each["name"].startswith("kept")}
    assert named == {each for each in written if not each.startswith("kept")}


def test_a_file_is_listed_with_its_size(server: Served) -> None:
    document = server.run("import os\nos.mkdir('out')\nopen('out/a', 'wb').write(bytes(1234))\n")
    assert document["files"] == [{"name": "out/a", "size": 1234, "kept": False}]


def test_a_file_can_be_fetched_as_long_as_its_run_is_kept(server: Served) -> None:
    code = "import os\nos.mkdir('out')\nopen('out/a b', 'wb').write(bytes(range(256)))\n"
    code += "open('large', 'wb').write(bytes(3_000_001))\n"

    document = server.run(code, layout=True)
    kept = f"/api/v1/graph/{document['picture']['graph']}/files"
    answer = server.client.get(f"{kept}/out/a%20b")

    assert [(each["name"], each["kept"]) for each in document["files"]] == [
        ("large", False),
        ("out/a b", True),
    ]
    assert answer.content == bytes(range(256))
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"
    for address in (f"{kept}/large", f"{kept}/out/../../etc", "/api/v1/graph/none/files/a"):
        assert server.client.get(address).status_code == 404


def test_a_figure_that_is_saved_is_shown_once(server: Served) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\nplt.show()\n"
    document = server.run(code)
    assert [figure["line"] for figure in document["figures"]] == [3]
    assert [each["name"] for each in document["files"]] == ["a.png"]


def test_another_run_finds_nothing(server: Served) -> None:
    code = "import os\nprint(os.listdir('.'), os.listdir('/tmp'))\nfor name in ('a', '/tmp/b'):\n"
    code += "    open(name, 'w').close()\n"
    for _ in range(2):
        assert server.run(code)["stdout"] == "[] []\n"


def test_a_file_counts_as_memory_of_the_run(server: Served) -> None:
    document = server.run("f = open('a', 'wb')\nwhile True:\n    f.write(bytes(10**6))\n")
    assert document["error"]["message"].startswith("[Errno 28]")
    assert document["error"]["explanation"]["id"] == "disk-full"
