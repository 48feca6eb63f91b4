# Names in any alphabet, as long as one likes, in any key.
import torch

größe = torch.ones(1, requires_grad=True)
权重 = größe * 2
вес_модели = 权重 + 1
globals()["x" * 190] = torch.ones(1)
table = {
    "<script>alert(1)</script>": 权重,
    "]]>": torch.ones(1),
    "\u202egnp.exe": torch.ones(1),
    "": torch.ones(2),
}
