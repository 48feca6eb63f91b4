/** A tensor as a picture: its matrices side by side, each element by how far it is from zero. No DOM. */

/**
 * @import {TensorValue} from "./types.js"
 *
 * `cells` from -1 to 1, row by row over all matrices; NaN where an element is not finite.
 * @typedef {{rows: number, columns: number, matrices: number, across: number, cells: number[],
 *   numbers: number[], least: number, most: number}} Heat `across`: matrices in a row
 * @typedef {{counts: number[], from: number, to: number, nonfinite: number}} Histogram
 */

const FEWEST = 6; // elements; fewer are read faster than seen
const LONGEST = 256; // rows or columns
const MOST_MATRICES = 100;
const IN_A_ROW = 8;
const BINS = 24;

/** @param {TensorValue} value @returns {Heat | null} null where a table says more, or all would be too large */
export function heatOf({ shape, dtype, data }) {
  if (!data || data.length < FEWEST || dtype.startsWith("complex")) return null;
  const columns = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  const matrices = data.length / (rows * columns);
  if (rows > LONGEST || columns > LONGEST || matrices > MOST_MATRICES) return null;
  const numbers = data.map(Number);
  const finite = numbers.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const greatest = Math.max(Math.abs(least), Math.abs(most)) || 1;
  const cells = numbers.map((number) => (Number.isFinite(number) ? number / greatest : NaN));
  const across = matrices <= IN_A_ROW ? matrices : Math.ceil(Math.sqrt(matrices));
  return { rows, columns, matrices, across, cells, numbers, least, most };
}

/** How many elements lie where between the least and the most. @param {TensorValue} value @returns {Histogram | null} */
export function histogramOf({ dtype, data }) {
  if (!data || data.length < FEWEST || dtype.startsWith("complex")) return null;
  const numbers = data.map(Number);
  const finite = numbers.filter(Number.isFinite);
  const [from, to] = [Math.min(...finite), Math.max(...finite)];
  if (!(to > from)) return null;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const number of finite) {
    const bin = Math.min(BINS - 1, Math.floor(((number - from) / (to - from)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { counts, from, to, nonfinite: numbers.length - finite.length };
}

/** The element under a place of the picture, by row and column of all; null between matrices. @param {Heat} heat @param {number} row @param {number} column */
export function elementAt({ rows, columns, matrices, across }, row, column) {
  const gap = matrices > 1 ? 1 : 0;
  const [down, right] = [Math.floor(row / (rows + gap)), Math.floor(column / (columns + gap))];
  const [y, x] = [row - down * (rows + gap), column - right * (columns + gap)];
  const matrix = down * across + right;
  return y < rows && x < columns && right < across && matrix < matrices ? (matrix * rows + y) * columns + x : null;
}

/** The size of the picture in elements, with a gap of one between matrices. @param {Heat} heat */
export function sizeOf({ rows, columns, matrices, across }) {
  const gap = matrices > 1 ? 1 : 0;
  const down = Math.ceil(matrices / across);
  return { width: across * (columns + gap) - gap, height: down * (rows + gap) - gap };
}
