import assert from "node:assert/strict";
import { test } from "node:test";
import { elementAt, heatOf, histogramOf, sizeOf } from "../../static/state/heat.js";
import { sameIn } from "../../static/run/asking.js";
import { Asked, isRepeatable } from "../../static/state/asked.js";
import { isOfSummary } from "../../static/state/compare.js";
import { pythonOf } from "../../static/state/python.js";
import { runDocument, tensor } from "./documents.js";

/** @param {number[]} shape @param {any[] | null} data @param {Partial<import("../../static/state/types.js").TensorValue>} [more] */
const value = (shape, data, more = {}) => ({ shape, dtype: "float32", data, summary: null, ...more });
const summary = { min: -1, max: 4, mean: 1, std: 2.6, norm: Math.sqrt(17), zeros: 1, nonfinite: 1 };

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

test("elements belong to a summary when they have its least and greatest number, mean, norm and counts", () => {
  const known = value([4], null, { summary });
  assert.equal(isOfSummary(known, value([4], [4, 0, -1, "NaN"])), true);
  assert.equal(isOfSummary(known, value([4], [4, 0, -2, "NaN"])), false);
  assert.equal(isOfSummary(known, value([4], [4, 0, -1, 0.5])), false);
  assert.equal(isOfSummary(known, value([4], [4, 0.5, -1, "NaN"])), false);
  assert.equal(isOfSummary(known, value([2, 2], [4, 0, -1, "NaN"])), false);
  const same = { ...summary, zeros: 0, nonfinite: 0, mean: 1.25, norm: Math.hypot(4, -1, 1, 1) };
  assert.equal(isOfSummary(value([4], null, { summary: same }), value([4], [4, 1, -1, 1])), true);
  assert.equal(isOfSummary(value([4], null, { summary: same }), value([4], [4, 2, -1, 1])), false);
});

test("the summary of a large tensor may be of 16 stretches of it, and that of complex numbers has no order", () => {
  const data = Array.from({ length: 400 }, (_, at) => (at % 25 < 16 ? 1 : 7));
  const known = { ...summary, min: 1, max: 1, mean: 1, norm: 16, zeros: 0, nonfinite: 0 };
  assert.equal(isOfSummary(value([400], null, { summary: known }), value([400], data)), true);
  assert.equal(isOfSummary(value([400], null, { summary: known }), value([400], data.with(0, 2))), false);
  const complex = { ...summary, min: null, max: null, mean: null, std: null, norm: 5, zeros: 1, nonfinite: 0 };
  const pairs = [
    [3, 4],
    [0, 0],
  ];
  const of = (/** @type {any[]} */ each) => value([2], each, { dtype: "complex64" });
  assert.equal(isOfSummary(value([2], null, { dtype: "complex64", summary: complex }), of(pairs)), true);
  assert.equal(isOfSummary(value([2], null, { dtype: "complex64", summary: complex }), of([[3, 5], pairs[1]])), false);
});

test("elements with the same summary are not shown when another run has them in another order", () => {
  const about = { min: 0, max: 2, mean: 1, std: 1, norm: Math.sqrt(5), zeros: 1, nonfinite: 0 };
  const run = (/** @type {any} */ of, fields = {}) =>
    /** @type {any} */ (runDocument({ tensors: [tensor("t1", { value: of })], ...fields }));
  const before = run(value([3], null, { summary: about }));
  const [one, other] = [run(value([3], [0, 1, 2])), run(value([3], [2, 0, 1]))];
  assert.deepEqual(sameIn(before, one, one), one.graph.tensors);
  assert.deepEqual(sameIn(before, one, other), []);
  const cut = run(value([3], [0, 1, 2]), { status: "limit" });
  assert.deepEqual(sameIn(before, cut, cut), []);
  assert.deepEqual([isRepeatable(before, 3), isRepeatable(before, null), isRepeatable(cut, 3)], [true, false, false]);
});

test("accounts that could not be fetched can be asked for again", () => {
  const asked = new Asked();
  asked.accountsArrived("t1", null);
  asked.accountsFailed("t1");
  assert.deepEqual([asked.byHand.value.has("t1"), asked.failedFor.value], [false, "t1"]);
});
