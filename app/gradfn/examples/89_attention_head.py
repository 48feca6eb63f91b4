# /// gradfn
# title = "An attention head"
# part = "classics"
# summary = "Queries, keys, values and a causal mask: what no query may see gets no gradient."
# ///
import torch

torch.manual_seed(0)
T, C, H = 4, 6, 3
x = torch.randn(T, C)
query, key, value = (torch.randn(C, H, requires_grad=True) for _ in range(3))

q, k, v = x @ query, x @ key, x @ value
scores = q @ k.T / H**0.5
hidden = torch.ones(T, T).triu(diagonal=1).bool()
weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
weights.retain_grad()
scores.retain_grad()
out = weights @ v
out.pow(2).sum().backward()

print(weights[0].tolist(), weights.sum(dim=-1).allclose(torch.ones(T)))
# prints [1.0, 0.0, 0.0, 0.0] True
print(scores.grad[hidden].tolist())
# prints [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
