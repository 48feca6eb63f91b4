# tries: to leave attributes, modules, settings and random numbers and a working folder for the next program
# must: the next finds none
# ends: finished
# control: no, processes alone keep them apart
# runs: 9
import builtins, os, random, sys, torch

traces = [
    hasattr(builtins, "harm"),
    "harm" in sys.modules,
    "HARM" in os.environ,
    torch.get_default_dtype() is torch.float64,
    os.getcwd() != "/scratch",
    random.getstate() == random.Random(7).getstate(),
]
if any(traces):
    print("HARM", traces)
builtins.harm = sys.modules["harm"] = torch
os.environ["HARM"] = "1"
torch.set_default_dtype(torch.float64)
os.umask(0)
os.mkdir("harm")
os.chdir("harm")
random.seed(7)
