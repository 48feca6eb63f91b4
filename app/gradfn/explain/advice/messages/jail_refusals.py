"""What a program cannot have in a jail: files of the machine, processes, a network, a keyboard."""

from dataclasses import replace

from gradfn.explain.advice.messages.message import Message, Text
from gradfn.model.document import Explanation

OPERATOR = "Who runs this server can install it, with `pip install 'gradfn[datasets]'`."
# What stands for a module that is often imported; those of `gradfn[datasets]` an operator can add.
_DATASETS = {
    "torchvision": "`torch.nn` has the layers and `torch.randn(8, 3, 32, 32)` makes images",
    "sklearn": "`torch.randn` makes data and `torch.randperm` splits it",
    "pandas": "`csv` reads tables, and a tensor holds numbers",
    "PIL": "`matplotlib.pyplot.imread` reads images, and a tensor holds pixels",
}
_OTHERS = {
    "tensorboard": "`matplotlib.pyplot` draws curves, and the page draws those of a training run",
    "torchviz": "the graph is drawn anyway",
    "torchsummary": "`print(model)` lists the layers",
    "wandb": "`matplotlib.pyplot` draws curves, and the page draws those of a training run",
    "scipy": "`torch.linalg`, `torch.fft` and `torch.special` have much of it",
    "seaborn": "`matplotlib.pyplot` draws the same",
    "transformers": "`torch.nn.TransformerEncoder` has the layers, without trained weights",
    "datasets": "`torch.randn` and `torch.randint` make data",
    "pytorch_lightning": "a training loop of a few lines does the same",
    "lightning": "a training loop of a few lines does the same",
    "einops": "`reshape`, `permute` and `torch.einsum` do the same",
    "cv2": "`matplotlib.pyplot.imread` reads images",
    "requests": "there is no network here anyway",
    "gym": "a class with `reset()` and `step()` does the same",
    "gymnasium": "a class with `reset()` and `step()` does the same",
}


def _module(text: Text) -> Explanation:
    name = text.groups[0].partition(".")[0]
    instead = _DATASETS.get(name) or _OTHERS.get(name)
    fix = text.explanation.fix if instead is None else f"Do without it: {instead}."
    return replace(text.explanation, fix=f"{fix} {OPERATOR}" if name in _DATASETS else fix)


_PROCESSES = ("subprocess", "os.system", "popen", "fork", "Popen", "execv", "spawn", "kill")


def _not_permitted(text: Text) -> Explanation:
    code = text.case.source.lines[text.line - 1] if text.line else ""
    if not any(each in code for each in _PROCESSES):
        return text.explanation
    return replace(
        text.explanation,
        title="Programs here cannot start or signal other processes",
        fix="Leave that line out; `multiprocessing` and `DataLoader` run in threads here.",
    )


MESSAGES = (
    Message(
        "no-such-module",
        r"^No module named '([\w.]+)'",
        "The module is not installed here",
        "There is no `{0}` here. Programs can import torch, numpy, matplotlib, tqdm and Python's "
        "own library.",
        "Make the data in the program, for example with `torch.randn`, or write the function that "
        "you need from the module.",
        None,
        _module,
    ),
    Message(
        "no-input",
        r"^EOF when reading a line$",
        "Nobody can answer input() here",
        "The program ran in one go, with nobody at a keyboard, so `input()` found the end of the "
        "input.",
        'Write the answer into the program: `name = "…"` in place of `name = input("…")`. A live '
        "run asks for it: the page starts one, and so does `POST /api/v1/runs`.",
        None,
    ),
    Message(
        "not-permitted",
        r"\[Errno 1\] Operation not permitted",
        "The jail refuses this",
        "Programs run in a jail: they can compute, print, draw and write files of their own, but "
        "start no processes, open no connections and change nothing of the machine.",
        "Leave that line out. If it downloads something, make the data in the program instead, for "
        "example with `torch.randn`.",
        None,
        _not_permitted,
    ),
    Message(
        "not-a-file-of-the-program",
        r"\[Errno 13\] Permission denied: b?'([^']*)'",
        "The program can only use its own files",
        "`{0}` lies outside of the two folders that a program has: the one in which it runs, and "
        "`/tmp`. Both are empty when it begins.",
        'Use a path without a folder of the machine, such as `"data/model.pt"`.',
        None,
    ),
    Message(
        "no-such-file",
        r"\[Errno 2\] No such file or directory: b?'([^']*)'",
        "There is no such file",
        "A program begins with an empty folder: `{0}` is not there unless the program itself has "
        "written it, and files of your computer are not there at all.",
        "Make the data in the program, or check the path. A folder must be made before a file is "
        'written into it: `os.makedirs("out", exist_ok=True)`.',
        None,
    ),
    Message(
        "disk-full",
        r"\[Errno 28\] No space left on device",
        "The program's folder is full",
        "The files of a program are kept in its own memory. There is room for 256 MB and 10,000 "
        "entries.",
        "Write less, or remove files that are not needed any more.",
        None,
    ),
    Message(
        "too-many-threads",
        r"^can't start new thread$",
        "The program has too many threads",
        "A program may have 64 threads; processes of `multiprocessing` are threads here, too.",
        "Start fewer at a time, for example by a pool of 4.",
        None,
    ),
)
