# tries: to have torch compile, by processes and files
# must: an error, for it has nowhere to write
# ends: raised FileNotFoundError | raised PermissionError
# control: no, a machine may have no compiler
import torch

print(torch.compile(lambda x: x * 2 + 1)(torch.ones(3)))
