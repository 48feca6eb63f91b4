/** A tensor's value: a small matrix to read, or its summary when it is too large to list. */

import { html, nothing } from "lit";
import { numberText, shapeText } from "./number.js";

/** @import {TensorValue} from "./types.js" */

/** @param {TensorValue} value @param {string} caption what it is, for screen readers */
export function valueTable(value, caption) {
  const { shape, dtype, data } = value;
  if (!data) return value.summary ? summaryTable(value) : html`<p class="muted">not readable</p>`;
  if (data.length === 0) return html`<p class="muted">no elements, shape ${shapeText(shape)}</p>`;

  const columns = shape.at(-1) ?? 1;
  const rows = shape.length > 1 ? (shape.at(-2) ?? 1) : 1;
  const matrices = data.length / (rows * columns);
  return html`${Array.from({ length: matrices }, (_, nr) => {
    const leading = matrices > 1 ? `[${indexOf(nr, shape.slice(0, -2)).join(", ")}, :, :]` : "";
    const cell = (/** @type {number} */ row, /** @type {number} */ column) =>
      numberText(data[(nr * rows + row) * columns + column] ?? null, dtype);
    return html`<div class="matrix-room">
      ${leading ? html`<div class="matrix-index">${leading}</div>` : nothing}
      <table class="matrix" aria-label=${`${caption} ${leading}`.trim()}>
        <tbody>
          ${Array.from(
            { length: rows },
            (_, row) => html`<tr>
              ${Array.from({ length: columns }, (_, column) => html`<td>${cell(row, column)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  })}`;
}

/** A value in one short line, for a table's cell. @param {TensorValue | null} value @param {string} absent */
export function valueLine(value, absent = "None") {
  if (!value) return absent;
  const { shape, dtype, data } = value;
  if (!data || data.length > 4 || data.length === 0) return `${shapeText(shape)} ${dtype}`;
  const numbers = data.map((element) => numberText(element, dtype));
  if (shape.length === 0) return numbers[0] ?? "";
  if (shape.length === 1) return `[${numbers.join(", ")}]`;
  return nested(numbers, shape);
}

/** @param {string[]} numbers @param {number[]} shape @returns {string} */
function nested(numbers, shape) {
  const [length = 0, ...rest] = shape;
  if (rest.length === 0) return `[${numbers.join(", ")}]`;
  const size = numbers.length / length;
  const parts = Array.from({ length }, (_, nr) => nested(numbers.slice(nr * size, (nr + 1) * size), rest));
  return `[${parts.join(", ")}]`;
}

/** @param {TensorValue} value */
function summaryTable({ dtype, summary }) {
  if (!summary) return nothing;
  const rows = /** @type {const} */ (["min", "max", "mean", "std", "norm"]).map((name) => [
    name,
    // A mean of integers is no integer.
    numberText(summary[name], name === "min" || name === "max" ? dtype : "float32"),
  ]);
  rows.push(["zeros", summary.zeros.toLocaleString("en")], ["nonfinite", summary.nonfinite.toLocaleString("en")]);
  return html`<dl class="fields summary">
    ${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}
  </dl>`;
}

/** The indices of the nr-th matrix. @param {number} nr @param {number[]} shape */
function indexOf(nr, shape) {
  const indices = [];
  for (const length of shape.toReversed()) {
    indices.unshift(nr % length);
    nr = Math.floor(nr / length);
  }
  return indices;
}
