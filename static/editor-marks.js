/** What a run says about lines of the program, as marks in the editor. */

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

/**
 * @import {Text} from "@codemirror/state"
 * @import {Diagnostic as Mark} from "@codemirror/lint"
 * @import {RunDocument} from "./types.js"
 */

/** Which line is lit, and in which of the classes `is-lit`, `is-failed`. */
const setBands = /** @type {typeof StateEffect.define<{line: number, className: string}[]>} */ (
  StateEffect.define
)();

export const lineBands = StateField.define({
  create: () => Decoration.none,
  update(bands, transaction) {
    let next = bands.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setBands)) continue;
      const { doc } = transaction.state;
      next = Decoration.set(
        effect.value
          .filter(({ line }) => line <= doc.lines)
          .map(({ line, className }) => Decoration.line({ class: className }).range(doc.line(line).from)),
        true,
      );
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** @param {EditorView} view @param {{lit: number | null, failed: number | null}} lines */
export function showBands(view, { lit, failed }) {
  const bands = [];
  if (failed !== null) bands.push({ line: failed, className: "is-failed" });
  if (lit !== null) bands.push({ line: lit, className: "is-lit" });
  view.dispatch({ effects: setBands.of(bands) });
}

/** The error and the warnings of a run as marks for the margin. @param {RunDocument | null} document @param {Text} text @returns {Mark[]} */
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

/** From the first letter of a line to its end. @param {number | null} line @param {number | null} column @param {Text} text */
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
