/** The value of a tensor as text or as a table; a summary if it is too large to list. */

import { html, nothing } from "lit";
import { nested } from "../state/python.js";
import { numberText, shapeText } from "./number.js";

/** @import {Element, TensorValue} from "../state/types.js" */

const MOST_SUMMANDS = 4;

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

/** A value in one short line. @param {TensorValue | null} value @param {string} absent */
export function valueLine(value, absent = "None") {
  if (!value) return absent;
  const { shape, dtype, data } = value;
  if (!data || data.length > 4 || data.length === 0) return `${shapeText(shape)} ${dtype}`;
  const numbers = data.map((element) => numberText(element, dtype));
  if (shape.length === 0) return numbers[0] ?? "";
  if (shape.length === 1) return `[${numbers.join(", ")}]`;
  return nested(numbers, shape);
}

/** A gradient on an arrow: up to two numbers, else its norm. @param {TensorValue} value */
export function gradientText(value) {
  const { data, summary, shape } = value;
  if (data && data.length > 0 && data.length <= 2 && shape.length < 2) return valueLine(roundedTo(4, value));
  const bad = summary ? summary.nonfinite : (data ?? []).filter((element) => !isNumber(element)).length;
  if (bad) return `${bad.toLocaleString("en")} not finite`;
  const norm = summary ? summary.norm : data ? Math.hypot(...data.flat().map(Number)) : null;
  return norm === null
    ? shapeText(shape)
    : `norm ${numberText(typeof norm === "number" ? Number(norm.toPrecision(4)) : norm)}`;
}

/** "2.0 + 3.0 = 5.0"; "" where the parts are too large to be told one by one. @param {TensorValue[]} parts @param {TensorValue} total */
export function sumText(parts, total) {
  const texts = [...parts, total].map((each) => {
    const { data, shape } = each;
    if (!data || data.length === 0 || data.length > 2 || shape.length > 1) return "";
    const text = gradientText(each);
    return data.length === 1 ? text.replace(/^\[(.*)\]$/, "$1") : text;
  });
  const sum = texts.pop() ?? "";
  return texts.length <= MOST_SUMMANDS && texts.every(Boolean) && sum ? `${texts.join(" + ")} = ${sum}` : "";
}

/** A gradient in one line: its elements, or its shape and norm. @param {TensorValue | null} value */
export function gradientLine(value) {
  const line = valueLine(value);
  return value && line.startsWith("(") ? `${shapeText(value.shape)} ${gradientText(value)}` : line;
}

/** Whether all of its elements are finite, as far as is known. @param {TensorValue} value */
export function isAllFinite({ data, summary }) {
  return summary ? summary.nonfinite === 0 : (data ?? []).every(isNumber);
}

/** @param {Element} element @returns {boolean} */
function isNumber(element) {
  return Array.isArray(element) ? element.every(isNumber) : typeof element !== "string";
}

/** A value in at most `room` characters if possible: rounded until it fits, else its shape. @param {TensorValue | null} value @param {number} room */
export function valueInWidth(value, room) {
  const line = valueLine(value);
  if (line.length <= room || !value?.data) return line;
  for (const digits of [4, 3, 2]) {
    const rounded = valueLine(roundedTo(digits, value));
    if (rounded.length <= room) return rounded;
  }
  return shapeText(value.shape);
}

/** @param {number} digits that count @param {TensorValue} value @returns {TensorValue} */
function roundedTo(digits, value) {
  const round = (/** @type {Element} */ element) =>
    typeof element === "number" ? Number(element.toPrecision(digits)) : element;
  return { ...value, data: value.data?.map(round) ?? null };
}

/** @param {TensorValue} value */
function summaryTable({ dtype, summary }) {
  if (!summary) return nothing;
  const rows = /** @type {const} */ (["min", "max", "mean", "std", "norm"]).map((name) => [
    name,
    // The mean of integers is not an integer.
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
