# Quantized values are told as what they stand for.
import torch
import warnings

warnings.simplefilter("ignore")
q = torch.quantize_per_tensor(torch.tensor([0.1, 0.26, -3.0]), 0.1, 10, torch.quint8)
per_channel = torch.quantize_per_channel(
    torch.ones(2, 2), torch.tensor([0.1, 0.5]), torch.tensor([0, 0]), 0, torch.qint8
)
x = torch.tensor([0.26], requires_grad=True)
fake = torch.fake_quantize_per_tensor_affine(x, 0.1, 0, 0, 255)
