# tries: to have torch compile, by processes and files
# must: run as it is, not compiled, for it has nowhere to write
# ends: finished
# control: no, a machine may have no compiler
import torch

print(torch.compile(lambda x: x * 2 + 1)(torch.ones(3)))
