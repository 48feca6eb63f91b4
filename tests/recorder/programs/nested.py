# Nested tensors have no one shape: named as not shown.
# not shown: strided, jagged, doubled, padded_from
import torch
import warnings

warnings.simplefilter("ignore")
a, b = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
strided = torch.nested.nested_tensor([a, b])
padded_from = torch.nested.as_nested_tensor([a, b])
jagged = torch.nested.nested_tensor(
    [torch.ones(2), torch.ones(3)], layout=torch.jagged, requires_grad=True
)
doubled = jagged * 2
padded = torch.nested.to_padded_tensor(padded_from, 0.0)
