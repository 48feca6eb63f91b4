import assert from "node:assert/strict";
import { test } from "node:test";
import { magnitudesOf, normOf } from "../../static/state/magnitude.js";

/** @param {number[]} data */
const value = (data) => ({ shape: [data.length], dtype: "float32", data, summary: null });

test("a norm is the root of the squares, and NaN where an element is not finite", () => {
  assert.equal(normOf(value([3, 4])), 5);
  assert.equal(normOf(/** @type {any} */ ({ ...value([1]), data: ["NaN"] })), NaN);
  assert.equal(normOf(null), null);
});

test("each decade makes an arrow thicker by as much", () => {
  const { magnitudes, range } = magnitudesOf(
    new Map([
      ["a", 1e-4],
      ["b", 1e-2],
      ["c", 1],
    ]),
    1,
  );
  const [a, b, c] = ["a", "b", "c"].map((id) => magnitudes.get(id)?.width ?? 0);
  assert.ok(a < b && b < c);
  assert.ok(Math.abs(b - a - (c - b)) < 1e-9);
  assert.deepEqual([range?.least, range?.greatest], [1e-4, 1]);
});

test("zero, tiny, huge and not finite gradients are marked, and a small range is not told", () => {
  const norms = new Map([
    ["zero", 0],
    ["tiny", 1e-9],
    ["plain", 1],
    ["huge", 1e9],
    ["bad", NaN],
  ]);
  const { magnitudes } = magnitudesOf(norms, 1);
  const marks = [...norms.keys()].map((id) => magnitudes.get(id)?.mark);
  assert.deepEqual(marks, ["dead", "vanishing", null, "exploding", "bad"]);
  assert.equal(
    magnitudesOf(
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
      1,
    ).range,
    null,
  );
});
