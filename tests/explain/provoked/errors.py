"""A program for each error that everybody meets, and for each of Python's parser."""

from tests.explain.provoked import Provoked


def _words(code: str) -> tuple[Provoked, ...]:
    """A program that is explained in words only."""
    return (Provoked(code, cured=False),)


ERRORS: dict[str, tuple[Provoked, ...]] = {
    "index-of-a-scalar": (
        Provoked("import torch\nloss = torch.tensor(1.0)\nprint(loss.data[0])  # here\n"),
    ),
    "index-out-of-range": _words("import torch\ntorch.ones(3)[5]\n"),
    "expand-size": _words("import torch\ntorch.ones(3).expand(2, 4)\n"),
    "mask-shape": _words("import torch\ntorch.ones(2, 3)[torch.ones(3) > 0]\n"),
    "minus-of-bool": _words("import torch\n-torch.tensor([True])\n"),
    "ragged-lists": _words("import torch\ntorch.tensor([[1, 2], [3]])\n"),
    "tensor-of-text": _words('import torch\ntorch.tensor(["a"])\n'),
    "list-of-tensors": _words("import torch\ntorch.cat(torch.ones(2), torch.ones(2))\n"),
    "nothing-to-join": _words("import torch\ntorch.stack([])\n"),
    "not-a-tensor": _words("import torch\ntorch.nn.Linear(2, 3)([1.0, 2.0])\n"),
    "not-probabilities": _words("import torch\ntorch.multinomial(torch.tensor([-1.0, 2.0]), 1)\n"),
    "too-many-samples": _words("import torch\ntorch.multinomial(torch.ones(2), 5)\n"),
    "distribution-parameter": _words("import torch\ntorch.distributions.Normal(0.0, -1.0)\n"),
    "singular-matrix": _words("import torch\ntorch.linalg.inv(torch.zeros(2, 2))\n"),
    "not-positive-definite": _words("import torch\ntorch.linalg.cholesky(-torch.eye(2))\n"),
    "not-square": _words("import torch\ntorch.linalg.inv(torch.ones(2, 3))\n"),
    "einsum-sizes": _words(
        'import torch\ntorch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(2, 3))\n'
    ),
    "batched-matrices": _words("import torch\ntorch.bmm(torch.ones(2, 3), torch.ones(3, 2))\n"),
    "kernel-too-large": _words("import torch\ntorch.nn.Conv2d(3, 8, 9)(torch.ones(1, 3, 4, 4))\n"),
    "output-too-small": _words("import torch\ntorch.nn.MaxPool2d(4)(torch.ones(1, 1, 2, 2))\n"),
    "divisible-by-groups": _words("import torch\ntorch.nn.Conv2d(3, 8, 3, groups=2)\n"),
    "heads-divide": _words("import torch\ntorch.nn.MultiheadAttention(5, 2)\n"),
    "empty-reduction": _words("import torch\ntorch.ones(0).max()\n"),
    "not-subscriptable": _words("import torch\ntorch.nn.Linear(2, 2).parameters()[0]\n"),
    "not-callable": _words("import torch\ntorch.ones(2)(3)\n"),
    "not-iterable": _words(
        "import torch\nnet = torch.nn.Linear(2, 2)\ntorch.optim.SGD(net, lr=0.1)\n"
    ),
    "operand-types": _words('import torch\ntorch.ones(2) + "a"\n'),
    "one-element-only": _words("import torch\nfloat(torch.ones(2))\n"),
    "unpacking-count": _words("a, b = 1, 2, 3\n"),
    "recursion": _words("def f(n):\n    return f(n)\nf(1)\n"),
    "item-of-many": _words("import torch\ntorch.ones(2).item()\n"),
    "iterating-a-scalar": _words("import torch\nfor a in torch.tensor(1.0):\n    pass\n"),
    "one-hot-range": _words("import torch\ntorch.nn.functional.one_hot(torch.tensor([3]), 2)\n"),
    "dtype-as-text": _words('import torch\ntorch.ones(2, dtype="float32")\n'),
    "split-sizes": _words("import torch\ntorch.ones(4).split([1, 2])\n"),
    "integer-index": _words("import torch\ntorch.ones(2)[1.5]\n"),
    "none-in-a-tensor": _words("import torch\ntorch.tensor([None])\n"),
    "element-no-tensor": _words("import torch\ntorch.cat([torch.ones(2), 3])\n"),
    "negative-size": _words("import torch\ntorch.zeros(-1)\n"),
    "range-sign": _words("import torch\ntorch.arange(5, 0)\n"),
    "argument-combination": _words("import torch\ntorch.randint(5)\n"),
    "solve-shapes": _words("import torch\ntorch.linalg.solve(torch.eye(2), torch.ones(3))\n"),
    "batched-sizes": _words("import torch\ntorch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 2))\n"),
    "one-dimension-each": _words("import torch\ntorch.dot(torch.ones(2, 2), torch.ones(2))\n"),
    "pool-dimensions": _words("import torch\ntorch.nn.MaxPool2d(2)(torch.ones(4))\n"),
    "norm-channels": _words("import torch\ntorch.nn.BatchNorm1d(3)(torch.ones(2, 4))\n"),
    "norm-dimensions": _words("import torch\ntorch.nn.BatchNorm2d(3)(torch.ones(2, 3))\n"),
    "layer-norm-shape": _words("import torch\ntorch.nn.LayerNorm(3)(torch.ones(2, 4))\n"),
    "recurrent-input": _words("import torch\ntorch.nn.LSTM(3, 4)(torch.ones(2, 5, 2))\n"),
    "hidden-size": _words(
        "import torch\ntorch.nn.GRU(3, 4)(torch.ones(2, 5, 3), torch.zeros(2, 5, 4))\n"
    ),
    "lstm-state": (
        Provoked(
            "import torch\nlstm = torch.nn.LSTM(3, 4)\nh = torch.zeros(1, 5, 4)\n"
            "lstm(torch.ones(2, 5, 3), h)  # here\n"
        ),
        Provoked(
            "import torch\nlstm = torch.nn.LSTM(3, 4, 2)\nh = torch.zeros(2, 5, 4)\n"
            "lstm(torch.ones(2, 5, 3), h)  # here\n"
        ),
        Provoked(
            "import torch\ncell = torch.nn.LSTMCell(3, 4)\nh = torch.zeros(5, 4)\n"
            "cell(torch.ones(5, 3), h)  # here\n"
        ),
        *_words(
            "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
            "        super().__init__()\n        self.rnn = torch.nn.LSTM(3, 4)\n"
            "    def forward(self, x):\n"
            "        return self.rnn(x, [torch.zeros(1, 5, 4)])  # here\n"
            "Net()(torch.ones(2, 5, 3))\n"
        ),
    ),
    "state-dimensions": (
        *_words(
            "import torch\nlstm = torch.nn.LSTM(3, 4)\nh = torch.zeros(5, 4)\n"
            "lstm(torch.ones(2, 5, 3), (h, h))\n"
        ),
        *_words("import torch\ntorch.nn.GRU(3, 4)(torch.ones(2, 5, 3), torch.zeros(5, 4))\n"),
    ),
    "single-state": _words(
        "import torch\nh = torch.zeros(1, 5, 4)\ntorch.nn.GRU(3, 4)(torch.ones(2, 5, 3), (h, h))\n"
    ),
    "attention-width": _words(
        "import torch\nx = torch.ones(2, 3, 5)\ntorch.nn.MultiheadAttention(4, 2)(x, x, x)\n"
    ),
    "dropout-range": _words("import torch\ntorch.nn.Dropout(1.5)\n"),
    "not-a-module": _words("import torch\ntorch.nn.Sequential([torch.nn.Linear(2, 2)])\n"),
    "forward-missing": _words("import torch\ntorch.nn.Module()(torch.ones(2))\n"),
    "target-dimensions": _words(
        "import torch\n"
        "torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor([[0], [1]]))\n"
    ),
    "target-size": _words(
        "import torch\n"
        "torch.nn.functional.binary_cross_entropy_with_logits(torch.ones(2, 1), torch.ones(2))\n"
    ),
    "one-hot-dtype": _words("import torch\ntorch.nn.functional.one_hot(torch.ones(2))\n"),
    "negative-rate": _words(
        "import torch\ntorch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=-1)\n"
    ),
    "optimizes-no-tensor": _words("import torch\ntorch.optim.SGD([3], lr=0.1)\n"),
    "not-an-optimizer": _words(
        "import torch\ntorch.optim.lr_scheduler.StepLR(torch.nn.Linear(2, 2), 1)\n"
    ),
    "state-dict-class": _words(
        "import torch\nnet = torch.nn.Linear(2, 2)\nnet.load_state_dict(net)\n"
    ),
    "vmap-sizes": _words(
        "import torch\ntorch.func.vmap(torch.add)(torch.ones(2), torch.ones(3))\n"
    ),
    "forward-mode-level": _words(
        "import torch\ntorch.autograd.forward_ad.make_dual(torch.ones(2), torch.ones(2))\n"
    ),
    "batch-size-positive": _words(
        "import torch\ntorch.utils.data.DataLoader([1, 2], batch_size=0)\n"
    ),
    "dataset-sizes": _words(
        "import torch\ntorch.utils.data.TensorDataset(torch.ones(2), torch.ones(3))\n"
    ),
    "split-lengths": _words("import torch\ntorch.utils.data.random_split([1, 2, 3], [1, 1])\n"),
    "mask-dtype": _words("import torch\ntorch.where(torch.ones(2), 1, 2)\n"),
    "topk-range": _words("import torch\ntorch.ones(2).topk(3)\n"),
    "gather-dtype": _words("import torch\ntorch.gather(torch.ones(2, 2), 1, torch.ones(2, 2))\n"),
    "unbound-local": _words("def f():\n    n += 1\nn = 0\nf()\n"),
    "list-range": _words("x = [1, 2]\nx[5]\n"),
    "division-by-zero": _words("1 / 0\n"),
    "default-dtype": _words("import torch\ntorch.set_default_dtype(torch.int32)\n"),
    "embedding-out-of-range": _words(
        "import torch\ntable = torch.nn.Embedding(3, 2)\ntable(torch.tensor([3]))\n"
    ),
    "dimension-out-of-range": _words("import torch\ntorch.ones(3).sum(dim=1)\n"),
    "conv-channels": (
        Provoked(
            "import torch\nfrom torch import nn\nconv = nn.Conv2d(1, 4, 3)  # here\n"
            "conv(torch.ones(2, 3, 8, 8))\n"
        ),
    ),
    "conv-dimensions": _words(
        "import torch\nfrom torch import nn\nnn.Conv2d(1, 4, 3)(torch.ones(8, 8))\n"
    ),
    "view-not-contiguous": (
        Provoked("import torch\nx = torch.ones(2, 3).T\ny = x.view(6)  # here\n"),
    ),
    "view-size": _words("import torch\ntorch.ones(2, 3).view(4, 2)\n"),
    "sizes-must-match": _words("import torch\ntorch.cat([torch.ones(2, 3), torch.ones(2, 4)])\n"),
    "stack-sizes": _words("import torch\ntorch.stack([torch.ones(2), torch.ones(3)])\n"),
    "target-dtype": (
        Provoked(
            "import torch\nimport torch.nn.functional as F\n"
            "loss = F.cross_entropy(torch.zeros(2, 3), torch.tensor([0.0, 1.0]))  # here\n"
        ),
    ),
    "expected-dtype": _words(
        "import torch\ntorch.einsum('ij,j->i', torch.ones(2, 2), torch.ones(2).double())\n"
    ),
    "weight-dtype": _words(
        "import torch\nfrom torch import nn\nnn.Conv1d(1, 1, 1)(torch.ones(1, 1, 4).double())\n"
    ),
    "not-implemented-for-dtype": _words("import torch\ntorch.arange(3).softmax(0)\n"),
    "mean-of-integers": _words("import torch\ntorch.arange(3).mean()\n"),
    "no-cuda": (
        Provoked("import torch\nx = torch.ones(2).cuda()  # here\n"),
        Provoked('import torch\nx = torch.ones(2, device="cuda")  # here\n'),
    ),
    "device-mismatch": _words(
        "raise RuntimeError('Expected all tensors to be on the same device, but found at least "
        "two devices, cpu and cuda:0!')\n"
    ),
    "name-not-defined": (
        Provoked("import torch\nx = np.ones(2)  # here\n"),
        Provoked("import torch\nprint(weight)  # here\nweight = 1\n", cured=False),
    ),
    "no-such-module": _words("import torchvision\n"),
    "no-input": _words("name = input('name? ')\n"),
    "not-permitted": _words("import subprocess\nsubprocess.run(['ls'])\n"),
    "not-a-file-of-the-program": _words("open('/etc/gradfn', 'w')\n"),
    "no-such-file": _words("open('data.csv')\n"),
    "disk-full": _words("f = open('a', 'wb')\nf.truncate(2**30)\n"),
    "too-many-threads": _words('raise RuntimeError("can\'t start new thread")\n'),
    "index-dtype": _words("import torch\ntorch.ones(3)[torch.tensor([0.0])]\n"),
    "missing-argument": _words("def f(a, b):\n    return a\nf(1)\n"),
    "too-many-arguments": _words("def f(a):\n    return a\nf(1, 2)\n"),
    "no-attribute-of-module": _words(
        "from torch import nn\nnet = nn.Linear(2, 1)\nprint(net.weihgt)\n"
    ),
    "state-dict-keys": _words(
        "from torch import nn\nnn.Linear(2, 1).load_state_dict(nn.Linear(3, 1).state_dict())\n"
    ),
    "vmap-randomness": (
        Provoked(
            "import torch\nfrom torch.func import vmap\n"
            "y = vmap(lambda x: x + torch.randn(2))(torch.ones(3, 2))  # here\n"
        ),
    ),
    "sparse-optimizer-dense-gradient": _words(
        "import torch\nw = torch.ones(2, requires_grad=True)\n"
        "optimizer = torch.optim.SparseAdam([w])\nw.sum().backward()\noptimizer.step()\n"
    ),
    "dense-optimizer-sparse-gradient": _words(
        "import torch\ntable = torch.nn.Embedding(3, 2, sparse=True)\n"
        "optimizer = torch.optim.Adam(table.parameters())\n"
        "table(torch.tensor([1])).sum().backward()\noptimizer.step()\n"
    ),
    "unscaled-twice": _words(
        "import torch\nnet = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "scaler = torch.amp.GradScaler('cpu')\n"
        "scaler.scale(net(torch.ones(1, 2)).sum()).backward()\n"
        "scaler.unscale_(optimizer)\nscaler.unscale_(optimizer)\n"
    ),
    "backward-hook-without-input-grad": _words(
        "import torch\nnet = torch.nn.Linear(2, 1)\n"
        "net.register_full_backward_hook(lambda module, grad_input, grad_output: None)\n"
        "net(torch.ones(1, 2)).sum().backward()\n"
    ),
    "old-weight-norm": _words(
        "from torch import nn\nlayer = nn.utils.weight_norm(nn.Linear(2, 1))\n"
    ),
    "batch-norm-of-one": _words("import torch\ntorch.nn.BatchNorm1d(3)(torch.ones(1, 3))\n"),
    "no-network": _words("raise OSError('Temporary failure in name resolution')\n"),
    "bracket-not-closed": _words("x = (1 + 2\ny = 3\n"),
    "bracket-unmatched": _words("x = 1 + 2)\n"),
    "colon-missing": _words("for x in range(3)\n    print(x)\n"),
    "indented-block-missing": _words("for x in range(3):\nprint(x)\n"),
    "indentation": (
        Provoked("x = 1\n  y = 2\n", cured=False),
        Provoked("if True:\n    x = 1\n  y = 2\n", cured=False),
    ),
    "string-not-closed": _words("x = 'text\n"),
    "assignment-in-a-condition": _words("x = 1\nif x = 2:\n    print(x)\n"),
    "comma-missing": _words("x = [1 2]\n"),
    "outside-a-function": _words("return 1\n"),
    "print-of-python-2": _words("print 'hello'\n"),
    "invalid-syntax": _words("x = = 1\n"),
}
