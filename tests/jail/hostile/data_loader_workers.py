# tries: to load data in other processes
# must: an error
# ends: raised PermissionError
# control: no, without the jail the loader waits for its workers without end
from multiprocessing.context import ForkContext

import torch
from torch.utils.data import DataLoader, TensorDataset, dataloader

data = TensorDataset(torch.ones(4))
loader = DataLoader(data, num_workers=2, multiprocessing_context=ForkContext())
for batch in dataloader._MultiProcessingDataLoaderIter(loader):
    print("HARM", batch)
