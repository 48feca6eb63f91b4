/** Numbers as the page writes them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { booleanText, countText, durationText, numberText, passText, shapeText } from "../../static/text/number.js";

test("a float keeps at most four decimals, and always one", () => {
  assert.equal(numberText(2), "2.0");
  assert.equal(numberText(0), "0.0");
  assert.equal(numberText(0.123456), "0.1235");
  assert.equal(numberText(1.5), "1.5");
  assert.equal(numberText(100), "100.0");
});

test("very large and very small floats are written with an exponent", () => {
  assert.equal(numberText(1_000_000), "1e+6");
  assert.equal(numberText(999_999), "999999.0");
  assert.equal(numberText(0.001), "0.001");
  assert.equal(numberText(0.0009), "9e−4");
});

test("a minus is a true minus, in the exponent too", () => {
  assert.equal(numberText(-0.00012), "−1.2e−4");
  assert.equal(numberText(-3, "int64"), "−3");
});

test("an integer or a boolean is written as Python writes it", () => {
  assert.equal(numberText(12_345_678, "int64"), "12345678");
  assert.equal(numberText(true, "bool"), "True");
  assert.equal(booleanText(false), "False");
});

test("what is not finite has Python's name", () => {
  assert.deepEqual(
    ["NaN", "Infinity", "-Infinity"].map((value) => numberText(value)),
    ["nan", "inf", "−inf"],
  );
});

test("a complex number has one sign between its parts", () => {
  assert.equal(numberText([1, 2], "complex64"), "1.0+2.0j");
  assert.equal(numberText([1, -2], "complex64"), "1.0−2.0j");
  assert.equal(numberText(["NaN", "-Infinity"], "complex64"), "nan−infj");
});

test("a shape is written as a Python tuple", () => {
  assert.deepEqual([[], [3], [2, 3]].map(shapeText), ["()", "(3,)", "(2, 3)"]);
});

test("a count agrees with its noun", () => {
  assert.deepEqual(
    [0, 1, 2, 1234].map((count) => countText(count, "path")),
    ["0 paths", "1 path", "2 paths", "1,234 paths"],
  );
  assert.equal(countText(3, "more", "more"), "3 more");
});

test("a duration is in the unit that needs the fewest digits", () => {
  assert.deepEqual([0.04, 9.96, 12.4, 999.4, 1000, 61_000].map(durationText), [
    "0.0 ms",
    "10.0 ms",
    "12 ms",
    "999 ms",
    "1.0 s",
    "61.0 s",
  ]);
});

test("a backward pass is counted from one, and has its line if that is known", () => {
  assert.equal(passText({ line: 12 }, 0), "pass 1, line 12");
  assert.equal(passText({ line: null }, 1233), "pass 1,234");
});
