# Complex values, conjugated lazily, and their gradients.
import torch

z = torch.tensor([1 + 2j, complex("nan"), complex(0, float("inf"))], requires_grad=True)
conjugate = z.conj()
negative = torch.imag(conjugate)
size = z.abs()
spectrum = torch.fft.fft(torch.arange(4.0, requires_grad=True))
pairs = torch.view_as_real(z)
low = torch.tensor([1 + 1j], dtype=torch.complex32)
many = torch.complex(torch.arange(300.0), -torch.arange(300.0))
size[:1].sum().backward()
