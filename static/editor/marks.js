/** Marks in the editor for what a run reports about lines of the program. */

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

/**
 * @import {Text} from "@codemirror/state"
 * @import {Diagnostic as Mark} from "@codemirror/lint"
 * @import {RunDocument, Span} from "../state/types.js"
 *
 * What is marked: the line that failed, the line of the current step, the line that created
 * what is hovered or selected, with its expressions, and the lines from which it was called.
 * @typedef {{failed: number | null, now: number | null, lit: number | null, spans: Span[],
 *   calling: number[]}} Marked
 */

const setBands = /** @type {typeof StateEffect.define<Marked>} */ (StateEffect.define)();
const expression = Decoration.mark({ class: "is-expression" });

export const lineBands = StateField.define({
  create: () => Decoration.none,
  update(bands, transaction) {
    let next = bands.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setBands)) continue;
      next = Decoration.set(decorationsOf(effect.value, transaction.state.doc), true);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** @param {EditorView} view @param {Marked} marked */
export function showBands(view, marked) {
  view.dispatch({ effects: setBands.of(marked) });
}

/** @param {Marked} marked @param {Text} text */
function decorationsOf({ failed, now, lit, spans, calling }, text) {
  const bands = calling.map((line) => ({ line, className: "is-calling" }));
  if (failed !== null) bands.push({ line: failed, className: "is-failed" });
  if (now !== null) bands.push({ line: now, className: "is-now" });
  if (lit !== null) bands.push({ line: lit, className: "is-lit" });
  return [
    ...bands
      .filter(({ line }) => line <= text.lines)
      .map(({ line, className }) => Decoration.line({ class: className }).range(text.line(line).from)),
    ...spans.flatMap((span) => {
      const { from, to } = rangeOfSpan(span, text);
      return from < to ? [expression.range(from, to)] : [];
    }),
  ];
}

/** Columns count code points, and JavaScript strings count UTF-16 units. @param {Span} span @param {Text} text */
function rangeOfSpan(span, text) {
  /** @param {number} line @param {number} column */
  const position = (line, column) => {
    if (line < 1 || line > text.lines) return 0;
    const { from, text: content } = text.line(line);
    return from + [...content].slice(0, column).join("").length;
  };
  return { from: position(span.line, span.column), to: position(span.end_line, span.end_column) };
}

/** The error and the warnings of a run as marks in the gutter. @param {RunDocument | null} document @param {Text} text @returns {Mark[]} */
export function marksOf(document, text) {
  if (!document) return [];
  /** @type {Mark[]} */
  const marks = [];
  for (const { line, severity, title, fix } of document.diagnostics) {
    const range = rangeOf(line, null, text);
    if (range) marks.push({ ...range, severity, message: [title, fix].filter(Boolean).join("\n").replaceAll("`", "") });
  }
  const { error } = document;
  const range = error && rangeOf(error.line, error.column, text);
  if (error && range) {
    const message = error.message ? `${error.type}: ${error.message}` : error.type;
    marks.push({ ...range, severity: "error", message: cut(message) });
  }
  return marks;
}

/** From the first non-blank character of a line to its end. @param {number | null} line @param {number | null} column @param {Text} text */
function rangeOf(line, column, text) {
  if (line === null || line < 1 || line > text.lines) return null;
  const { from, to, text: content } = text.line(line);
  const start = column === null ? content.search(/\S|$/) : Math.min(column - 1, content.length);
  return { from: start < content.length ? from + start : from, to };
}

/** @param {string} message */
function cut(message) {
  return message.length > 600 ? `${message.slice(0, 600)} …` : message;
}
