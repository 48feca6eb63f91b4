/** Tensors as text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientLine, gradientText, isAllFinite, valueInWidth, valueLine } from "../../static/text/value.js";
import { value } from "./documents.js";

const large = (fields) => ({
  shape: [100],
  dtype: "float32",
  data: null,
  summary: { min: 0, max: 1, mean: 0.5, std: 0.1, norm: 5, zeros: 0, nonfinite: 0, ...fields },
});

test("a small value is listed with its nesting", () => {
  assert.equal(valueLine(value(3)), "3.0");
  assert.equal(valueLine(value([1, 2])), "[1.0, 2.0]");
  assert.equal(valueLine(value([1, 2, 3, 4], [2, 2])), "[[1.0, 2.0], [3.0, 4.0]]");
  assert.equal(valueLine(value([1, 2], [2, 1, 1])), "[[[1.0]], [[2.0]]]");
});

test("a larger or empty value is its shape and dtype", () => {
  assert.equal(valueLine(value([1, 2, 3, 4, 5])), "(5,) float32");
  assert.equal(valueLine(value([], [0, 3])), "(0, 3) float32");
  assert.equal(valueLine(large()), "(100,) float32");
});

test("no value is None, or what the caller says", () => {
  assert.equal(valueLine(null), "None");
  assert.equal(valueLine(null, "not shown"), "not shown");
});

test("a gradient on an arrow is up to two numbers, else its norm", () => {
  assert.equal(gradientText(value([1.23456, 2])), "[1.235, 2.0]");
  assert.equal(gradientText(value([3, 4, 0])), "norm 5.0");
  assert.equal(gradientText(value([3, 4], [1, 2])), "norm 5.0");
  assert.equal(gradientText(large()), "norm 5.0");
  assert.equal(gradientLine(value([3, 4, 0, 0, 0])), "(5,) norm 5.0");
  assert.equal(gradientLine(null), "None");
});

test("a gradient that is not finite says how much of it", () => {
  assert.equal(gradientText(value([1, "NaN", "Infinity"])), "2 not finite");
  assert.equal(gradientText(large({ nonfinite: 1200, norm: null })), "1,200 not finite");
});

test("finite is what has no NaN and no infinity", () => {
  assert.equal(isAllFinite(value([0, 1])), true);
  assert.equal(isAllFinite(value([0, "NaN"])), false);
  assert.equal(isAllFinite(value([[0, "Infinity"]])), false);
  assert.equal(isAllFinite(large({ nonfinite: 1 })), false);
});

test("a value is rounded as little as its width asks for", () => {
  const pi = value([3.14159265, 2.71828182]);
  assert.equal(valueInWidth(pi, 20), "[3.1416, 2.7183]");
  assert.equal(valueInWidth(pi, 15), "[3.142, 2.718]");
  assert.equal(valueInWidth(pi, 12), "[3.14, 2.72]");
  assert.equal(valueInWidth(pi, 10), "[3.1, 2.7]");
  assert.equal(valueInWidth(pi, 5), "(2,)");
  assert.equal(valueInWidth(null, 1), "None");
});
