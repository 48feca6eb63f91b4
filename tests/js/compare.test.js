import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceOf } from "../../static/state/compare.js";
import { fn, tensor, value } from "./documents.js";

/** @param {any[]} tensors @param {any[]} functions @returns {any} */
const run = (tensors, functions) => ({ graph: { tensors, functions } });

test("functions are added and removed by name, as often as they occur", () => {
  const before = run([], [fn("f1"), fn("f2"), fn("f3", [], { name: "ReluBackward0" })]);
  const now = run([], [fn("f1"), fn("f2"), fn("f3"), fn("f4", [], { name: "TanhBackward0" })]);
  const { added, removed } = differenceOf(before, now);
  assert.deepEqual(
    added.map(({ id }) => id),
    ["f3", "f4"],
  );
  assert.deepEqual(
    removed.map(({ name }) => name),
    ["ReluBackward0"],
  );
});

test("tensors are compared by name: value, gradient, and whether they are there", () => {
  const same = tensor("t1", { names: ["a"], value: value([1]) });
  const before = run([same, tensor("t2", { names: ["w"], value: value([1]), grad: value([2]) })], []);
  const now = run(
    [tensor("t9", { names: ["w"], value: value([1]), grad: value([3]) }), same, tensor("t8", { names: ["b"] })],
    [],
  );
  const { pairs } = differenceOf(before, now);
  assert.deepEqual(
    pairs.map(({ name, before, now }) => [name, before?.id ?? null, now?.id ?? null]),
    [
      ["w", "t2", "t9"],
      ["b", null, "t8"],
    ],
  );
  assert.deepEqual(differenceOf(now, now).pairs, []);
});
