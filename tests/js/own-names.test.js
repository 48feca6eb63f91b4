import assert from "node:assert/strict";
import { test } from "node:test";
import { inOwnNames, lettersFor } from "../../static/text/own-names.js";

test("letters become the program's names, all at once, and commands stay", () => {
  const letters = lettersFor(
    { self: "x", result: "z" },
    new Map([
      ["self", "z"],
      ["result", "y_pred"],
    ]),
  );
  const latex = String.raw`\frac{\partial z}{\partial x} = \mathrm{max}(x, \sigma(x)) \begin{bmatrix} x \end{bmatrix}`;
  assert.equal(
    inOwnNames(latex, letters),
    String.raw`\frac{\partial \mathit{y\_pred}}{\partial z} = \mathrm{max}(z, \sigma(z)) \begin{bmatrix} z \end{bmatrix}`,
  );
});

test("a name that would be taken for another letter changes nothing", () => {
  const symbols = { self: "x", other: "y", result: "z" };
  assert.equal(lettersFor(symbols, new Map([["self", "z"]])).size, 0);
  assert.equal(lettersFor(symbols, new Map([["self", "net[0].weight"]])).size, 0);
  assert.equal(lettersFor(symbols, new Map([["self", "a"]])).get("x"), "a");
});
