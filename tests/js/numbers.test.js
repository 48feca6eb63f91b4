/** Numbers of a program that are dragged, or set by a slider. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assign, movedBy, numberAt } from "../../static/editor/numbers.js";

test("a number is found where the pointer is, with the name that it is assigned to", () => {
  assert.deepEqual(numberAt("lr = 0.02  # small", 7), { from: 5, to: 9, text: "0.02", name: "lr" });
  assert.deepEqual(numberAt("x = w * 3 + b1", 8), { from: 8, to: 9, text: "3", name: null });
  assert.equal(numberAt("lr = 0.02", 1), null);
  assert.equal(numberAt("net2 = f(x1)", 3), null);
});

for (const [text, steps, moved] of [
  ["0.02", 3, "0.05"],
  ["0.02", -5, "-0.03"],
  ["10", 7, "17"],
  ["1.5e-3", 2, "1.7e-3"],
  ["-1.0", 10, "0.0"],
]) {
  test(`${text} moved by ${steps} is ${moved}`, () => assert.equal(movedBy(text, steps), moved));
}

test("another number goes to the first line that assigns one to the name, and nowhere else", () => {
  const code = "lr1 = 1\nlr = 0.1  # rate\nlr = 5\n";
  const change = assign(code, "lr", "0.3");
  assert.equal(
    code.slice(0, change.from) + change.insert + code.slice(change.to),
    "lr1 = 1\nlr = 0.3  # rate\nlr = 5\n",
  );
  assert.equal(assign("lr = rate\n", "lr", "0.3"), null);
});
