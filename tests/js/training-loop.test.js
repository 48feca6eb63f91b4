/** Which programs are run live. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasTrainingLoop, readsInput } from "../../static/program/training-loop.js";

const LOOPS = {
  "a for over a long range": "for i in range(100):\n    loss.backward()",
  "a for over a range that has a start": "for i in range(1, 21):\n    loss.backward()",
  "a for over a range that a name ends": "for i in range(epochs):\n    loss.backward()",
  "a while": "while True:\n    loss.backward()",
  "a call of autograd.grad": "while True:\n    torch.autograd.grad(loss, w)",
  "grad imported by itself": "while True:\n    grad(loss, w)",
  "a function that runs backward": "def step():\n    loss.backward()\nwhile True:\n    step()",
  "a function of a function": "def a():\n    b()\ndef b():\n    loss.backward()\nwhile True:\n    a()",
  "a closure passed on": "def closure():\n    loss.backward()\nwhile True:\n    optimizer.step(closure)",
  "a class that trains":
    "class Trainer:\n    def fit(self):\n        while True:\n            self.loss.backward()\nTrainer().fit()",
  "a short loop within a long one": "for i in range(50):\n    for j in range(2):\n        loss.backward()",
  "controls of a live run": "# /// gradfn\n# controls = []\n# ///\nloss.backward()",
};
const NO_LOOPS = {
  "one backward": "loss.backward()",
  "a short range": "for i in range(3):\n    loss.backward()",
  "a range that starts late": "for i in range(90, 100):\n    loss.backward()",
  "a for over something else": "for v in torch.eye(2):\n    torch.autograd.grad(y, x, v)",
  "backward after a loop": "for i in range(100):\n    y = y.sin()\ny.backward()",
  "a loop that only reads .grad": "loss.backward()\nwhile True:\n    w.grad.zero_()",
  "backward in a comment": "while True:\n    pass  # loss.backward()",
  "a loop in a string": 's = """\nwhile True:\n    loss.backward()\n"""',
  "a loop that defines backward":
    "while True:\n    class F(Function):\n        def backward(ctx, grad):\n            return grad",
  "nothing to run backward": "# /// gradfn\n# controls = []\n# ///\nprint(1)",
  "no program": "",
  "something that is not Python": "while (((:\n  loss.",
};

for (const [name, code] of Object.entries(LOOPS)) {
  test(`watched while it runs: ${name}`, () => assert.equal(hasTrainingLoop(code), true));
}
for (const [name, code] of Object.entries(NO_LOOPS)) {
  test(`not watched: ${name}`, () => assert.equal(hasTrainingLoop(code), false));
}

test("functions that call each other in a long chain are followed to the end", () => {
  const functions = Array.from({ length: 1500 }, (_, nr) => `def f${nr}():\n    return f${nr + 1}()\n`);
  const loop = "while True:\n    f0()";
  assert.equal(hasTrainingLoop(`${functions.join("")}${loop}`), false);
  assert.equal(hasTrainingLoop(`${functions.join("")}def f1500():\n    loss.backward()\n${loop}`), true);
});

test("who types what a program reads is asked while it runs", () => {
  for (const code of ["name = input('name? ')", "for line in sys.stdin:\n    print(line)"]) {
    assert.equal(readsInput(code), true);
  }
  for (const code of ["input = torch.ones(2)", "self.input(x)", "# input()", "print('input()')", "y = net(input)"]) {
    assert.equal(readsInput(code), false);
  }
});
