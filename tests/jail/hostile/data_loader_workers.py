# tries: to load data in other processes
# must: an error
# ends: raised PermissionError
# control: yes
import torch
from torch.utils.data import DataLoader, TensorDataset

for batch in DataLoader(TensorDataset(torch.ones(4)), num_workers=2):
    print("HARM", batch)
