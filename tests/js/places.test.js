/** Which line created which element, and back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Places, cutMarkOf, cutSourceOf } from "../../static/state/places.js";
import { fn, runDocument, tensor } from "./documents.js";

const span = (line, end_line = line) => ({ line, column: 0, end_line, end_column: 5 });

const places = new Places(
  runDocument({
    functions: [
      fn("f1", [], {
        line: 3,
        span: span(3),
        stack: [
          { function: "<module>", line: 9 },
          { function: "f", line: 3 },
        ],
      }),
      fn("f2", [], { line: 5, span: span(5, 7) }),
    ],
    tensors: [
      tensor("t1", { line: 1, is_leaf: true }),
      tensor("t2", { grad_fn: "f1", line: 99 }),
      tensor("t3", { grad_fn: "f9", line: 4 }),
    ],
    cuts: [
      { tensor: "t2", function: "f1", span: span(11), stack: [{ function: "<module>", line: 12 }] },
      { tensor: "t2", function: null, span: span(13), stack: [] },
    ],
    error: { line: 20 },
  }),
);

test("a function is at its line, and called from the lines of its stack", () => {
  assert.deepEqual(places.of("f1"), { line: 3, spans: [span(3)], calling: [9] });
  assert.ok(places.at(3).made.has("f1"));
  assert.ok(places.at(9).called.has("f1"));
  assert.ok(!places.at(9).made.has("f1"));
});

test("an expression of several lines is on all of them", () => {
  assert.deepEqual(
    [4, 5, 6, 7, 8].map((line) => places.at(line).made.has("f2")),
    [false, true, true, true, false],
  );
});

test("a result is where its function is; another tensor is at its own line", () => {
  assert.equal(places.of("t2").line, 3);
  assert.equal(places.of("t1").line, 1);
  assert.equal(places.of("t3").line, 4);
});

test("cuts at the same source share a mark", () => {
  const mark = cutMarkOf("t2");
  assert.equal(cutSourceOf(mark), "t2");
  assert.equal(cutSourceOf("t2"), null);
  assert.deepEqual(places.of(mark), { line: 11, spans: [span(11), span(13)], calling: [12] });
  assert.equal(places.of(cutMarkOf("f1")).line, 11);
});

test("an error is at its line", () => {
  assert.deepEqual([...places.at(20).made], ["error"]);
});

test("what is not known is nowhere", () => {
  assert.equal(places.of("t99").line, null);
  assert.equal(places.of(null).line, null);
  assert.equal(places.at(null).made.size, 0);
  assert.equal(new Places(null).of("t1").line, null);
});
