"""Programs that people write and the errors that plain PyTorch raises for them.

By the id of the explanation; those below "" are the program's own words, which say it themselves.
"""

HEAD = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"

COLLECTION: dict[str, tuple[str, ...]] = {
    "matrix-shapes": (
        "torch.ones(2, 3) @ torch.ones(2, 3)",
        "nn.Linear(3, 2)(torch.ones(4, 2))",
        "torch.ones(2, 3).mm(torch.ones(4, 3))",
    ),
    "vector-lengths": (
        "torch.ones(2) @ torch.ones(3)",
        "torch.dot(torch.ones(2), torch.ones(3))",
    ),
    "vector-shapes": ("torch.ones(2, 3).mv(torch.ones(2))",),
    "batched-sizes": (
        "torch.matmul(torch.ones(2, 3, 4), torch.ones(2, 3, 4))",
        "torch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 2))",
        (
            "F.scaled_dot_product_attention(torch.ones(1, 2, 4), torch.ones(1, 2, 3), "
            "torch.ones(1, 2, 3))"
        ),
    ),
    "shapes-do-not-broadcast": (
        "torch.ones(2) + torch.ones(3)",
        "torch.ones(2, 3) * torch.ones(3, 2)",
        "torch.ones(4, 5).add_(torch.ones(5, 4))",
        "F.mse_loss(torch.ones(2, 3), torch.ones(2, 4))",
        "torch.ones(3).masked_select(torch.tensor([True, False]))",
        "F.l1_loss(torch.ones(2, 3), torch.ones(4, 3))",
        "F.cosine_similarity(torch.ones(2, 3), torch.ones(2, 4))",
    ),
    "view-size": (
        "torch.ones(2, 3).view(4, 2)",
        "torch.ones(2, 3).reshape(5)",
        "torch.ones(2, 3).view(-1, 4)",
        "nn.Flatten(0)(torch.ones(2, 3)).view(2, 4)",
    ),
    "view-not-contiguous": ("torch.ones(2, 3).t().view(6)",),
    "sizes-must-match": ("torch.cat([torch.ones(2, 3), torch.ones(3, 2)])",),
    "joined-dimensions": ("torch.cat([torch.ones(2), torch.ones(2, 2)])",),
    "stack-sizes": (
        "torch.stack([torch.ones(2), torch.ones(3)])",
        "list(torch.utils.data.DataLoader([torch.ones(2), torch.ones(3)], batch_size=2))",
    ),
    "nothing-to-join": (
        "torch.cat([])",
        "torch.stack([])",
    ),
    "dimension-out-of-range": (
        "torch.ones(2).sum(dim=3)",
        "torch.ones(2, 3).transpose(0, 2)",
        "torch.ones(3).unsqueeze(5)",
    ),
    "permutation": ("torch.ones(2, 3).permute(0, 1, 2)",),
    "index-out-of-range": (
        "torch.ones(2, 3)[5]",
        "torch.ones(2, 3)[0, 7]",
        "torch.ones(3)[torch.tensor([9])]",
        "torch.gather(torch.ones(2, 2), 1, torch.tensor([[5]]))",
        "torch.ones(2, 2).scatter_(1, torch.tensor([[5]]), 1.0)",
    ),
    "too-many-indices": ("torch.ones(2)[0, 0]",),
    "index-of-a-scalar": ("torch.tensor(1.0)[0]",),
    "tensor-of-text": (
        'torch.ones(3)["a"]',
        'torch.tensor("a")',
        'torch.tensor(["a", "b"])',
    ),
    "integer-index": ("torch.ones(3)[1.5]",),
    "index-dtype": (
        "torch.ones(3)[torch.tensor([1.0])]",
        "nn.Embedding(3, 2)(torch.tensor([1.0]))",
    ),
    "mask-shape": ("torch.ones(3)[torch.tensor([True, False])]",),
    "expand-dimensions": (
        "x = torch.zeros(3); x[0] = torch.ones(2)",
        "torch.ones(2, 3).expand(3)",
    ),
    "expand-size": (
        "x = torch.zeros(2, 2); x[0] = torch.ones(3)",
        "torch.ones(2, 3).expand(4, 3)",
    ),
    "item-of-many": ("torch.ones(3).item()",),
    "one-element-only": (
        "float(torch.ones(2))",
        "int(torch.ones(2))",
    ),
    "truth-of-many": (
        "if torch.ones(2): pass",
        "bool(torch.ones(2) > 0)",
    ),
    "iterating-a-scalar": (
        "for a in torch.tensor(1.0): pass",
        "len(torch.tensor(1.0))",
    ),
    "unpacking-count": (
        "a, b = torch.ones(3)",
        "a, b, c = nn.Linear(2, 2).parameters()",
        "a, b = 1, 2, 3",
        "a, b = 1,",
    ),
    "ragged-lists": ("torch.tensor([[1, 2], [3]])",),
    "none-in-a-tensor": (
        "torch.tensor([None])",
        "torch.tensor([{}])",
    ),
    "negative-size": ("torch.zeros(-1)",),
    "size-as-text": (
        'torch.zeros("a")',
        'nn.Linear("a", 2)',
    ),
    "range-sign": ("torch.arange(5, 0)",),
    "argument-combination": (
        "torch.linspace(0, 1)",
        "torch.randint(5)",
    ),
    "not-implemented-for-dtype": (
        "torch.randn(2, dtype=torch.int64)",
        "torch.tensor([1, 2]).softmax(0)",
    ),
    "dtype-as-text": ('torch.ones(2, dtype="float32")',),
    "negative-std": ("torch.normal(0.0, -1.0, (2,))",),
    "not-probabilities": ("torch.multinomial(torch.tensor([-1.0, 2.0]), 1)",),
    "too-many-samples": ("torch.multinomial(torch.ones(2), 5)",),
    "not-a-probability": ("torch.bernoulli(torch.tensor([2.0]))",),
    "distribution-parameter": (
        "torch.distributions.Normal(0.0, -1.0)",
        "torch.distributions.Categorical(probs=torch.tensor([-1.0, 1.0]))",
        "torch.distributions.Bernoulli(probs=torch.tensor(2.0))",
        "torch.distributions.MultivariateNormal(torch.zeros(2), -torch.eye(2))",
    ),
    "singular-matrix": ("torch.linalg.inv(torch.zeros(2, 2))",),
    "not-square": (
        "torch.linalg.inv(torch.ones(2, 3))",
        "torch.linalg.det(torch.ones(2, 3))",
        "torch.linalg.eigh(torch.ones(2, 3))",
    ),
    "not-positive-definite": ("torch.linalg.cholesky(-torch.eye(2))",),
    "solve-shapes": ("torch.linalg.solve(torch.eye(2), torch.ones(3))",),
    "batched-matrices": ("torch.bmm(torch.ones(2, 3), torch.ones(3, 2))",),
    "one-dimension-each": ("torch.dot(torch.ones(2, 2), torch.ones(2))",),
    "einsum-sizes": ('torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(2, 3))',),
    "einsum-letters": ('torch.einsum("ij", torch.ones(2))',),
    "einsum-operands": ('torch.einsum("ij,jk", torch.ones(2, 2))',),
    "cross-size": ("torch.cross(torch.ones(2), torch.ones(2), dim=0)",),
    "one-dimensional": ("torch.outer(torch.ones(2, 2), torch.ones(2))",),
    "split-sizes": ("torch.ones(4).split([1, 2])",),
    "number-of-chunks": ("torch.ones(4).chunk(0)",),
    "unflatten-sizes": ("torch.ones(4).unflatten(0, (3, 2))",),
    "topk-range": ("torch.ones(4).topk(5)",),
    "empty-reduction": (
        "torch.ones(0).max()",
        "torch.ones(0).argmax()",
    ),
    "empty-dimension": ("torch.ones(2, 0).max(dim=1)",),
    "gather-dtype": ("torch.gather(torch.ones(2, 2), 1, torch.ones(2, 2))",),
    "index-dimensions": (
        "torch.gather(torch.ones(2, 2), 1, torch.tensor([0]))",
        "torch.ones(2, 2).scatter(1, torch.tensor([0]), torch.ones(2, 2))",
    ),
    "embedding-out-of-range": (
        "torch.ones(2, 2).index_select(0, torch.tensor([5]))",
        "F.embedding(torch.tensor([5]), torch.ones(3, 2))",
        "nn.Embedding(3, 2)(torch.tensor([3]))",
    ),
    "mask-dtype": (
        "torch.ones(2, 2).masked_fill(torch.ones(2, 2), 0.0)",
        "torch.where(torch.ones(2), torch.ones(2), torch.ones(2))",
    ),
    "minus-of-bool": (
        "-torch.tensor([True])",
        "torch.tensor([True]) - torch.tensor([False])",
    ),
    "mean-of-integers": ("torch.tensor([1, 2]).mean()",),
    "in-place-dtype": (
        "torch.ones(2, dtype=torch.int64).exp_()",
        "x = torch.ones(2, dtype=torch.int64); x /= 2",
        "x = torch.ones(2, dtype=torch.int64); x += 0.5",
    ),
    "matrix-dtypes": (
        "torch.ones(2, 2) @ torch.ones(2, 2, dtype=torch.float64)",
        "nn.Linear(2, 2)(torch.ones(2, dtype=torch.float64))",
        "nn.Linear(2, 2)(torch.ones(2, dtype=torch.int64))",
    ),
    "weight-dtype": ("nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 5, 5, dtype=torch.float64))",),
    "nothing-to-differentiate": (
        "F.mse_loss(torch.ones(2), torch.ones(2, dtype=torch.int64)).backward()",
        "torch.ones(2).sum().backward()",
        "w = torch.ones(2, requires_grad=True); torch.autograd.grad(torch.ones(1).sum(), w)",
    ),
    "target-out-of-bounds": (
        "F.cross_entropy(torch.randn(2, 3), torch.tensor([0, 3]))",
        "F.cross_entropy(torch.randn(2, 3), torch.tensor([0, -1]))",
        "F.nll_loss(torch.randn(2, 3), torch.tensor([0, 5]))",
    ),
    "target-dtype": (
        "F.cross_entropy(torch.randn(2, 3), torch.tensor([0.0, 1.0]))",
        "F.nll_loss(torch.randn(2, 3), torch.ones(2))",
    ),
    "batch-sizes": ("F.cross_entropy(torch.randn(2, 3), torch.tensor([0, 1, 2]))",),
    "target-dimensions": ("F.cross_entropy(torch.randn(2, 3), torch.tensor([[0], [1]]))",),
    "bce-of-logits": ("F.binary_cross_entropy(torch.tensor([2.0]), torch.tensor([1.0]))",),
    "loss-broadcast": ("F.binary_cross_entropy(torch.rand(2, 1), torch.ones(2))",),
    "dtype-found": (
        "F.binary_cross_entropy(torch.rand(2), torch.ones(2, dtype=torch.int64))",
        "F.binary_cross_entropy(torch.rand(2).double(), torch.ones(2))",
    ),
    "target-size": ("F.binary_cross_entropy_with_logits(torch.randn(2, 1), torch.ones(2))",),
    "one-hot-range": ("F.one_hot(torch.tensor([3]), 2)",),
    "one-hot-dtype": ("F.one_hot(torch.ones(2))",),
    "conv-channels": (
        "nn.Conv2d(3, 8, 3)(torch.ones(1, 1, 5, 5))",
        "nn.Conv1d(3, 8, 3)(torch.ones(2, 5, 4))",
    ),
    "conv-dimensions": ("nn.Conv2d(3, 8, 3)(torch.ones(5, 5))",),
    "kernel-too-large": ("nn.Conv2d(3, 8, 9)(torch.ones(1, 3, 4, 4))",),
    "divisible-by-groups": ("nn.Conv2d(3, 8, 3, groups=2)",),
    "transposed-channels": ("nn.ConvTranspose2d(3, 8, 3)(torch.ones(1, 2, 5, 5))",),
    "output-too-small": (
        "nn.MaxPool2d(4)(torch.ones(1, 1, 2, 2))",
        "nn.AvgPool2d(4)(torch.ones(1, 1, 2, 2))",
    ),
    "pool-dimensions": ("nn.MaxPool2d(2)(torch.ones(4))",),
    "norm-channels": ("nn.BatchNorm1d(3)(torch.ones(2, 4))",),
    "batch-norm-of-one": ("nn.BatchNorm1d(3)(torch.ones(1, 3))",),
    "norm-dimensions": ("nn.BatchNorm2d(3)(torch.ones(2, 3))",),
    "layer-norm-shape": ("nn.LayerNorm(3)(torch.ones(2, 4))",),
    "channels-in-groups": ("nn.GroupNorm(2, 3)",),
    "one-spatial-element": ("nn.InstanceNorm2d(3)(torch.ones(2, 3, 1, 1))",),
    "recurrent-input": ("nn.LSTM(3, 4)(torch.ones(2, 5, 2))",),
    "lstm-state": ("nn.LSTM(3, 4)(torch.ones(2, 5, 3), torch.zeros(1, 5, 4))",),
    "recurrent-dimensions": (
        "nn.LSTM(3, 4)(torch.ones(2))",
        "nn.GRU(3, 4)(torch.ones(1, 2, 5, 3))",
    ),
    "hidden-size": (
        "nn.GRU(3, 4)(torch.ones(2, 5, 3), torch.zeros(2, 5, 4))",
        "nn.RNN(3, 4)(torch.ones(2, 5, 3), torch.zeros(1, 5, 3))",
    ),
    "heads-divide": (
        "nn.MultiheadAttention(5, 2)",
        "nn.TransformerEncoderLayer(6, 4)",
    ),
    "attention-width": ("x = torch.ones(2, 3, 5); nn.MultiheadAttention(4, 2)(x, x, x)",),
    "dropout-range": ("nn.Dropout(1.5)",),
    "not-a-module": ("nn.Sequential([nn.Linear(2, 2)])",),
    "forward-missing": (
        "nn.ModuleList([nn.Linear(2, 2)])(torch.ones(2))",
        "nn.Module()(torch.ones(2))",
    ),
    "missing-argument": (
        "nn.Linear(2)",
        "torch.optim.LBFGS(nn.Linear(2, 2).parameters()).step()",
        (
            "o = torch.optim.SGD(nn.Linear(2, 2).parameters(), 0.1); "
            "torch.optim.lr_scheduler.ReduceLROnPlateau(o).step()"
        ),
        "def f(a): pass\nf()",
    ),
    "too-many-arguments": (
        "nn.Linear(2, 2)(torch.ones(2), torch.ones(2))",
        "class N(nn.Module):\n    def forward(self):\n        return 1\nN()(torch.ones(2))",
        "def f(a): pass\nf(1, 2)",
    ),
    "not-a-tensor": ("nn.Linear(2, 2)([1.0, 2.0])",),
    "no-attribute-of-module": (
        "nn.Linear(2, 2).weights",
        (
            "class N(nn.Module):\n    def forward(self, x):\n        return "
            "self.fc(x)\nN()(torch.ones(2))"
        ),
        "nn.Parameter([1.0])",
        "torch.foo",
        "torch.ones(2).foo()",
        "torch.nn.functional.foo",
    ),
    "not-subscriptable": ("nn.Linear(2, 2).parameters()[0]",),
    "state-dict-keys": (
        "nn.Linear(2, 2).load_state_dict(nn.Linear(3, 2).state_dict())",
        "nn.Linear(2, 2).load_state_dict({})",
    ),
    "state-dict-class": ("nn.Linear(2, 2).load_state_dict(nn.Linear(2, 2))",),
    "module-not-initialised": (
        "class N(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(2, 2)\nN()",
    ),
    "integers-require-grad": (
        "nn.Parameter(torch.tensor([1]))",
        "torch.ones(2, dtype=torch.int64, requires_grad=True)",
    ),
    "parameter-expected": (
        "m = nn.Linear(2, 2); m.weight = torch.ones(2, 2)",
        'm = nn.Module(); m.register_parameter("a", torch.ones(2))',
    ),
    "not-iterable": (
        "torch.optim.SGD(nn.Linear(2, 2), lr=0.1)",
        "for i in 3: pass",
        "zip(1, 2)",
    ),
    "no-parameters": ("torch.optim.SGD([], lr=0.1)",),
    "negative-rate": ("torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=-1)",),
    "optimizing-a-non-leaf": ("torch.optim.SGD([torch.ones(2, requires_grad=True) * 2], lr=0.1)",),
    "optimizes-no-tensor": ("torch.optim.SGD([3], lr=0.1)",),
    "optimizer-number": (
        "torch.optim.Adam(nn.Linear(2, 2).parameters(), betas=(1.5, 0.9))",
        "torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1, momentum=-1)",
    ),
    "nesterov": (
        "torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1, nesterov=True)",
        "torch.optim.SGD([torch.ones(1)], 0.1, 0.9, dampening=0.1, nesterov=True)",
    ),
    "parameter-in-two-groups": (
        (
            'w = nn.Parameter(torch.ones(2)); torch.optim.SGD([{"params": [w]}, {"params": '
            "[w]}], lr=0.1)"
        ),
    ),
    "not-an-optimizer": ("torch.optim.lr_scheduler.StepLR(nn.Linear(2, 2), 1)",),
    "not-a-scalar": ("torch.ones(2, requires_grad=True).backward()",),
    "backward-twice": (
        ("w = torch.ones(2, requires_grad=True); l = w.pow(2).sum(); l.backward(); l.backward()"),
    ),
    "leaf-in-place": ("w = torch.ones(2, requires_grad=True); w += 1",),
    "modified-in-place": (
        "w = torch.ones(2, requires_grad=True); y = w.exp(); y += 1; y.sum().backward()",
    ),
    "seed-of-another-shape": (
        "w = torch.ones(2, requires_grad=True); (w * 2).backward(torch.ones(3))",
    ),
    "numpy-of-graph": (
        "w = torch.ones(2, requires_grad=True); w.numpy()",
        "w = torch.ones(2, requires_grad=True); np.asarray(w * 2)",
    ),
    "input-without-grad": (
        "w = torch.ones(2, requires_grad=True); torch.autograd.grad(w.sum(), torch.ones(2))",
    ),
    "input-not-used": (
        (
            "a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); "
            "torch.autograd.grad(a.sum(), b)"
        ),
    ),
    "requires-grad-of-computed": (
        "w = torch.ones(2, requires_grad=True); (w * 2).requires_grad = False",
    ),
    "grad-of-another-size": ("w = torch.ones(2, requires_grad=True); w.grad = torch.ones(3)",),
    "grad-of-another-dtype": (
        "w = torch.ones(2, requires_grad=True); w.grad = torch.ones(2, dtype=torch.float64)",
    ),
    "none-attribute": (
        "w = torch.ones(2, requires_grad=True); w.grad.zero_()",
        "None.x",
    ),
    "hook-on-constant": ("torch.ones(2).register_hook(print)",),
    "retain-grad-of-constant": ("torch.ones(2).retain_grad()",),
    "deepcopy-of-non-leaf": ("import copy\ncopy.deepcopy(torch.ones(2, requires_grad=True) * 2)",),
    "func-scalar": ("torch.func.grad(lambda x: x * 2)(torch.ones(2))",),
    "vmap-sizes": ("torch.func.vmap(torch.add)(torch.ones(2), torch.ones(3))",),
    "vmap-item": ("torch.func.vmap(lambda x: x.item())(torch.ones(2))",),
    "vmap-randomness": ("torch.func.vmap(lambda x: torch.rand(2))(torch.ones(2))",),
    "batch-size-positive": ("torch.utils.data.DataLoader([1, 2], batch_size=0)",),
    "batch-of-what": ("list(torch.utils.data.DataLoader([None, None], batch_size=2))",),
    "dataset-sizes": ("torch.utils.data.TensorDataset(torch.ones(2), torch.ones(3))",),
    "split-lengths": ("torch.utils.data.random_split([1, 2, 3], [1, 1])",),
    "empty-dataset": ("torch.utils.data.DataLoader([], shuffle=True)",),
    "no-cuda": (
        "torch.ones(2).cuda()",
        'torch.ones(2, device="cuda")',
    ),
    "device-name": ('torch.ones(2).to("gpu")',),
    "no-such-file": (
        'torch.load("nothing.pt")',
        'open("a.txt")',
    ),
    "default-dtype": ("torch.set_default_dtype(torch.int32)",),
    "array-expected": ("torch.from_numpy([1, 2])",),
    "array-of-what": (
        'torch.from_numpy(np.array(["a"]))',
        'torch.tensor(np.array([1, "a"], dtype=object))',
        "torch.from_numpy(np.ones(2, dtype=np.longdouble))",
    ),
    "operand-types": (
        'torch.ones(2) + "a"',
        "torch.ones(2) + [1, 2]",
        'sum(["a"])',
    ),
    "none-operand": ("torch.ones(2) + None",),
    "array-product": ("np.ones(2) @ np.ones(3)",),
    "array-shapes": ("np.ones(2) + np.ones(3)",),
    "not-callable": (
        "torch.ones(2)(3)",
        "f = 3; f()",
    ),
    "no-such-module": ("import torchvision",),
    "name-not-defined": (
        "foo",
        "prin(1)",
    ),
    "list-range": ("[1, 2][5]",),
    "missing-key": ('{"a": 1}["b"]', "{1}.remove(3)"),
    "division-by-zero": ("1 / 0",),
    "text-and-number": ('"a" + 1',),
    "none-subscript": ("None[0]", "x = None; x[0] = 1"),
    "item-assignment": ("(1, 2)[0] = 3",),
    "no-integer": ('int("a")', 'int("1.5")'),
    "no-number": ('float("a")',),
    "int-of-what": ("int(None)",),
    "unexpected-keyword": ("def f(a): pass\nf(b=1)",),
    "recursion": ("def f(n): return f(n)\nf(1)",),
    "unbound-local": ("def f():\n    n += 1\nn = 0\nf()",),
    "": (
        "assert 1 == 2",
        'assert torch.ones(2).sum() == 3, "wrong sum"',
        'raise ValueError("my own text")',
        "raise NotImplementedError",
        "next(iter([]))",
    ),
    "not-json": ('import json\njson.loads("{")',),
    "pop-of-empty": ("[].pop()", "set().pop()"),
    "empty-sequence": ("max([])",),
    "not-comparable": ('sorted([1, "a"])',),
    "no-length": ("len(3)",),
    "not-an-integer": ("range(1.5)",),
    "bracket-not-closed": (
        'print("a"',
        "x = [1, 2",
    ),
    "invalid-syntax": (
        "if True print(1)",
        "def f(:\n    pass",
        "import",
    ),
    "indented-block-missing": ("if True:\nprint(1)",),
    "indentation": ("  x = 1",),
    "string-not-closed": ('x = "abc',),
    "assignment-in-a-condition": ("1 = x",),
    "print-of-python-2": ('print "a"',),
    "outside-a-function": ("return 1",),
    "colon-missing": ("class A\n    pass",),
}
