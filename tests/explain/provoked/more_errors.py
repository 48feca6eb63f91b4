"""A program for each error about shapes and numbers, and of plain Python."""

from tests.explain.provoked import Provoked


def _words(code: str) -> tuple[Provoked, ...]:
    """A program that is explained in words only."""
    return (Provoked(code, cured=False),)


MORE_ERRORS: dict[str, tuple[Provoked, ...]] = {
    "vector-lengths": _words("import torch\ntorch.dot(torch.ones(2), torch.ones(3))\n"),
    "joined-dimensions": _words("import torch\ntorch.cat([torch.ones(2), torch.ones(2, 2)])\n"),
    "permutation": _words("import torch\ntorch.ones(2, 3).permute(0, 1, 2)\n"),
    "too-many-indices": _words("import torch\ntorch.ones(2)[0, 0]\n"),
    "expand-dimensions": _words("import torch\ntorch.ones(2, 3).expand(3)\n"),
    "size-as-text": _words('import torch\ntorch.zeros("a")\n'),
    "negative-std": _words("import torch\ntorch.normal(0.0, -1.0, (2,))\n"),
    "not-a-probability": _words("import torch\ntorch.bernoulli(torch.tensor([2.0]))\n"),
    "einsum-letters": _words('import torch\ntorch.einsum("ij", torch.ones(2))\n'),
    "einsum-operands": _words('import torch\ntorch.einsum("ij,jk", torch.ones(2, 2))\n'),
    "cross-size": _words("import torch\ntorch.cross(torch.ones(2), torch.ones(2), dim=0)\n"),
    "one-dimensional": _words("import torch\ntorch.outer(torch.ones(2, 2), torch.ones(2))\n"),
    "number-of-chunks": _words("import torch\ntorch.ones(4).chunk(0)\n"),
    "unflatten-sizes": _words("import torch\ntorch.ones(4).unflatten(0, (3, 2))\n"),
    "empty-dimension": _words("import torch\ntorch.ones(2, 0).max(dim=1)\n"),
    "index-dimensions": _words(
        "import torch\ntorch.gather(torch.ones(2, 2), 1, torch.tensor([0]))\n"
    ),
    "in-place-dtype": _words("import torch\nx = torch.ones(2, dtype=torch.int64); x /= 2\n"),
    "dtype-found": _words(
        "import torch\ntarget = torch.ones(2, dtype=torch.int64)\n"
        "torch.nn.functional.binary_cross_entropy(torch.rand(2), target)\n"
    ),
    "transposed-channels": _words(
        "import torch\ntorch.nn.ConvTranspose2d(3, 8, 3)(torch.ones(1, 2, 5, 5))\n"
    ),
    "channels-in-groups": _words("import torch\ntorch.nn.GroupNorm(2, 3)\n"),
    "one-spatial-element": _words(
        "import torch\ntorch.nn.InstanceNorm2d(3)(torch.ones(2, 3, 1, 1))\n"
    ),
    "recurrent-dimensions": _words("import torch\ntorch.nn.LSTM(3, 4)(torch.ones(2))\n"),
    "parameter-expected": _words(
        "import torch\nnet = torch.nn.Linear(2, 2); net.weight = torch.ones(2, 2)\n"
    ),
    "optimizer-number": _words(
        "import torch\ntorch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1, momentum=-1)\n"
    ),
    "nesterov": _words(
        "import torch\ntorch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1, nesterov=True)\n"
    ),
    "batch-of-what": _words(
        "import torch\nlist(torch.utils.data.DataLoader([None, None], batch_size=2))\n"
    ),
    "empty-dataset": _words("import torch\ntorch.utils.data.DataLoader([], shuffle=True)\n"),
    "device-name": _words('import torch\ntorch.ones(2).to("gpu")\n'),
    "array-expected": _words("import torch\ntorch.from_numpy([1, 2])\n"),
    "array-of-what": _words('import torch\nimport numpy; torch.from_numpy(numpy.array(["a"]))\n'),
    "none-attribute": _words("import torch\nx = None; x.foo\n"),
    "none-subscript": _words("import torch\nx = None; x[0]\n"),
    "none-operand": _words("import torch\nimport torch; torch.ones(2) + None\n"),
    "array-shapes": _words("import torch\nimport numpy; numpy.ones(2) + numpy.ones(3)\n"),
    "array-product": _words("import torch\nimport numpy; numpy.ones(2) @ numpy.ones(3)\n"),
    "missing-key": _words('import torch\n{"a": 1}["b"]\n'),
    "text-and-number": _words('import torch\n"a" + 1\n'),
    "item-assignment": _words("import torch\nx = (1, 2); x[0] = 3\n"),
    "no-integer": _words('import torch\nint("a")\n'),
    "no-number": _words('import torch\nfloat("a")\n'),
    "int-of-what": _words("import torch\nint(None)\n"),
    "unexpected-keyword": _words("import torch\ndef f(a): pass\nf(b=1)\n"),
    "not-json": _words('import torch\nimport json; json.loads("{")\n'),
    "pop-of-empty": _words("import torch\n[].pop()\n"),
    "empty-sequence": _words("import torch\nmax([])\n"),
    "not-comparable": _words('import torch\nsorted([1, "a"])\n'),
    "no-length": _words("import torch\nlen(3)\n"),
    "not-an-integer": _words("import torch\nrange(1.5)\n"),
}
