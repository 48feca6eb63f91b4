# Ten thousand names, a hundred of them tensors.
import torch

for i in range(10_000):
    globals()[f"name_{i}"] = i if i % 100 else torch.tensor(float(i), requires_grad=True)
total = name_0 + name_9900
