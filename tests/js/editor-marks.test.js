/** The marks of a run in the editor, on CodeMirror's own text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Text } from "@codemirror/state";
import { marksOf } from "../../static/editor/marks.js";
import { runDocument } from "./documents.js";

const text = Text.of(["x = 1", "    y = x + 1", ""]);
const marked = (mark) => text.sliceString(mark.from, mark.to);
const warning = (line) => ({ severity: "warning", line, title: "The `title`", fix: "Change `x`." });

test("a warning marks its line from the first character that is not blank", () => {
  const [mark] = marksOf(runDocument({ diagnostics: [warning(2)] }), text);
  assert.equal(marked(mark), "y = x + 1");
  assert.equal(mark.message, "The title\nChange x.");
});

test("a syntax error marks its line from its column", () => {
  const error = { type: "SyntaxError", message: "invalid syntax", line: 2, column: 9 };
  const [mark] = marksOf(runDocument({ error }), text);
  assert.equal(marked(mark), "x + 1");
  assert.equal(mark.message, "SyntaxError: invalid syntax");
});

test("a line that the editor does not have is not marked", () => {
  const error = { type: "ValueError", message: "", line: 40, column: null };
  assert.deepEqual(marksOf(runDocument({ error, diagnostics: [warning(0), warning(null), warning(4)] }), text), []);
  assert.deepEqual(marksOf(null, text), []);
});

test("a long message is cut", () => {
  const error = { type: "ValueError", message: "a".repeat(10_000), line: 1, column: null };
  assert.ok(marksOf(runDocument({ error }), text)[0].message.length < 700);
});
