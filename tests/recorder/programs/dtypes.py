# Every kind of number.
import torch

floats = {
    kind: torch.tensor([1.0, -2.5, 0.0, float("nan"), float("inf")]).to(getattr(torch, kind))
    for kind in (
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "float8_e4m3fn",
        "float8_e5m2",
        "float8_e8m0fnu",
    )
}
ints = {
    kind: torch.tensor([0, 1, 127]).to(getattr(torch, kind))
    for kind in ("uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64")
}
most = torch.tensor([2**63 + 5], dtype=torch.uint64)
least = torch.tensor(-(2**63))
flags = torch.tensor([[True], [False]])
half = torch.tensor([1.1, 2.2], dtype=torch.float16, requires_grad=True)
brain = torch.tensor([1.1, 2.2], dtype=torch.bfloat16, requires_grad=True)
mixed = (half * brain).to(torch.float64).sum()
mixed.backward()
many = torch.arange(400).to(torch.float8_e5m2)
