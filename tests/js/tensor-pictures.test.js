import assert from "node:assert/strict";
import { test } from "node:test";
import { elementAt, heatOf, histogramOf, sizeOf } from "../../static/state/heat.js";
import { isOfSummary } from "../../static/state/compare.js";
import { pythonOf } from "../../static/state/python.js";

/** @param {number[]} shape @param {any[] | null} data @param {Partial<import("../../static/state/types.js").TensorValue>} [more] */
const value = (shape, data, more = {}) => ({ shape, dtype: "float32", data, summary: null, ...more });
const summary = { min: -1, max: 4, mean: 0, std: 1, norm: 9, zeros: 0, nonfinite: 0 };

test("kernels stand side by side, and the place of an element is where it is painted", () => {
  const heat = heatOf(value([2, 1, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -20]));
  assert.ok(heat);
  assert.deepEqual(sizeOf(heat), { width: 7, height: 2 });
  assert.deepEqual([elementAt(heat, 0, 0), elementAt(heat, 1, 2), elementAt(heat, 0, 4)], [0, 5, 6]);
  assert.equal(elementAt(heat, 0, 3), null);
  assert.equal(heat.cells[11], -1);
  assert.equal(heat.cells[10], 0.5);
});

test("what is not finite is told apart, and neither few nor complex numbers are painted", () => {
  assert.deepEqual(heatOf(value([6], [1, "NaN", 2, 3, "Infinity", 4]))?.cells.map(Number.isNaN), [
    false,
    true,
    false,
    false,
    true,
    false,
  ]);
  assert.equal(heatOf(value([2, 2], [1, 2, 3, 4])), null);
  assert.equal(heatOf(value([6], Array(6).fill([1, 2]), { dtype: "complex64" })), null);
  assert.equal(heatOf(value([6], null)), null);
});

test("every finite element is in one bin of a histogram", () => {
  const found = histogramOf(value([8], [0, 0.1, 0.2, 1, 1, "NaN", 0.5, 0.99]));
  assert.equal(
    found?.counts.reduce((sum, count) => sum + count),
    7,
  );
  assert.equal(found?.counts.at(-1), 3);
  assert.equal(found?.nonfinite, 1);
  assert.equal(histogramOf(value([6], [2, 2, 2, 2, 2, 2])), null);
});

test("a tensor is written as Python nests it, with the dtype that it would not have anyway", () => {
  assert.equal(pythonOf(value([], [3])), "torch.tensor(3.0)");
  assert.equal(pythonOf(value([2, 1], [1, -2.5])), "torch.tensor([[1.0], [-2.5]])");
  assert.equal(pythonOf(value([2], [1, 2], { dtype: "int64" })), "torch.tensor([1, 2])");
  assert.equal(pythonOf(value([1], [1e30], { dtype: "float64" })), "torch.tensor([1e+30], dtype=torch.float64)");
  assert.equal(pythonOf(value([2], ["NaN", "-Infinity"])), 'torch.tensor([float("nan"), -float("inf")])');
  assert.equal(
    pythonOf(value([1], [[1, -0]], { dtype: "complex64" })),
    "torch.tensor([complex(1.0, -0.0)], dtype=torch.complex64)",
  );
  assert.equal(pythonOf(value([0, 3], [])), "torch.empty(0, 3)");
  assert.equal(pythonOf(value([400], null)), null);
});

test("elements belong to a summary when they have its least and its greatest number", () => {
  const known = value([3], null, { summary });
  assert.equal(isOfSummary(known, value([3], [4, 0, -1])), true);
  assert.equal(isOfSummary(known, value([3], [4, 0, -2])), false);
  assert.equal(isOfSummary(known, value([1, 3], [4, 0, -1])), false);
});
