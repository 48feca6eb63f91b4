# tries: to put a tensor into shared memory
# must: an error
# ends: raised RuntimeError
# control: yes
import torch

torch.ones(4).share_memory_()
print("HARM")
