# tries: to fill the memory with a tensor
# must: the limit of memory, told as such
# ends: limit memory
# control: no, a limit of the process and not of the filter
import torch

kept = torch.ones(2**28)
print("HARM")
