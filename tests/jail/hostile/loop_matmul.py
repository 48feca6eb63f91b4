# tries: to keep every core busy in C
# must: the limit of time, told as such
# ends: limit time
# control: no, a limit and not a right
import torch

torch.set_num_threads(8)
a = torch.rand(2000, 2000)
while True:
    a = (a @ a).clamp(0, 1)
