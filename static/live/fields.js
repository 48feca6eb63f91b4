/** The background of a chart: the decisions of a classifier, or the height of a loss surface. */

/**
 * @import {Place, Sheet} from "./canvas.js"
 * @import {View} from "../state/types.js"
 * @typedef {{bytes: Uint8Array, columns: number, rows: number}} Cells the lowest row first
 */

const SIZE = 96; // of the image; finer than the cells, so that it is smooth
const BANDS = 12;

/** Each side in the colour of its class, stronger where the model is more certain, and the decision boundary. @param {Sheet} sheet @param {Place} at @param {View} view @param {string} cells */
export function drawDecision(sheet, at, view, cells) {
  const decided = cellsOf(cells, view.columns);
  if (!decided) return;
  paint(
    sheet,
    at,
    view,
    decided,
    ["error-border", "intermediate-border"],
    (value) => 20 + 75 * Math.abs(2 * value - 1),
  );
  if (view.labels.some((label) => label > 1)) return;
  contour(sheet, at, view, decided, 127.5);
  sheet.context.strokeStyle = sheet.colour("ink");
  sheet.context.lineWidth = 1.75;
  sheet.context.stroke();
}

/** A loss surface with contour lines. @param {Sheet} sheet @param {Place} at @param {View} view */
export function drawSurface(sheet, at, view) {
  const heights = cellsOf(view.cells, view.columns);
  if (!heights) return;
  paint(sheet, at, view, heights, ["intermediate-fill", "gradient-fill"], () => 255);
  const { context } = sheet;
  context.globalAlpha = 0.35;
  context.strokeStyle = sheet.colour("control");
  context.lineWidth = 1;
  for (let band = 1; band < BANDS; band++) {
    contour(sheet, at, view, heights, (255 * band) / BANDS);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** @param {string} cells @param {number} columns @returns {Cells | null} */
function cellsOf(cells, columns) {
  const bytes = Uint8Array.from(atob(cells), (letter) => letter.charCodeAt(0));
  const rows = Math.floor(bytes.length / columns);
  return rows > 1 ? { bytes, columns, rows } : null;
}

/**
 * @param {Sheet} sheet @param {Place} at @param {View} view @param {Cells} cells
 * @param {[string, string]} colours of the least and the greatest @param {(value: number) => number} opacity to 255
 */
function paint(sheet, at, { extent: [left, right, bottom, top] }, cells, colours, opacity) {
  const [low = [], high = []] = colours.map((colour) => rgb(sheet.colour(colour)));
  const image = new ImageData(SIZE, SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const value = between(cells, column / (SIZE - 1), 1 - row / (SIZE - 1)) / 255;
      const start = 4 * (row * SIZE + column);
      for (let part = 0; part < 3; part++) {
        image.data[start + part] = (low[part] ?? 0) * (1 - value) + (high[part] ?? 0) * value;
      }
      image.data[start + 3] = opacity(value);
    }
  }
  const buffer = new OffscreenCanvas(SIZE, SIZE);
  /** @type {OffscreenCanvasRenderingContext2D} */ (buffer.getContext("2d")).putImageData(image, 0, 0);
  const [x, y] = at(left, top);
  const [farX, farY] = at(right, bottom);
  sheet.context.drawImage(buffer, x, y, farX - x, farY - y);
}

/** The value between cells, by bilinear interpolation; coordinates are from 0 to 1. @param {Cells} cells @param {number} across @param {number} up */
function between({ bytes, columns, rows }, across, up) {
  const [x, y] = [across * (columns - 1), up * (rows - 1)];
  const left = Math.min(columns - 2, Math.floor(x));
  const below = Math.min(rows - 2, Math.floor(y));
  const [dx, dy] = [x - left, y - below];
  const cell = (/** @type {number} */ row, /** @type {number} */ column) => bytes[row * columns + column] ?? 0;
  const lower = cell(below, left) * (1 - dx) + cell(below, left + 1) * dx;
  const upper = cell(below + 1, left) * (1 - dx) + cell(below + 1, left + 1) * dx;
  return lower * (1 - dy) + upper * dy;
}

/**
 * The contour line at this level, by marching squares: it crosses each square of four cells in a
 * straight line.
 * @param {Sheet} sheet @param {Place} at @param {View} view @param {Cells} cells @param {number} level
 */
function contour({ context }, at, { extent: [left, right, bottom, top] }, { bytes, columns, rows }, level) {
  const place = (/** @type {number} */ x, /** @type {number} */ y) =>
    at(left + ((right - left) * x) / (columns - 1), bottom + ((top - bottom) * y) / (rows - 1));
  context.beginPath();
  for (let y = 0; y < rows - 1; y++) {
    for (let x = 0; x < columns - 1; x++) {
      const corners = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ];
      const crossings = corners.flatMap(([ax = 0, ay = 0], nr) => {
        const [bx = 0, by = 0] = corners[(nr + 1) % 4] ?? [];
        const [a = 0, b = 0] = [bytes[ay * columns + ax], bytes[by * columns + bx]];
        if (a < level === b < level) return [];
        const share = (level - a) / (b - a);
        return [place(ax + share * (bx - ax), ay + share * (by - ay))];
      });
      for (let nr = 0; nr + 1 < crossings.length; nr += 2) {
        context.moveTo(.../** @type {[number, number]} */ (crossings[nr]));
        context.lineTo(.../** @type {[number, number]} */ (crossings[nr + 1]));
      }
    }
  }
}

/** @param {string} text rgb(…), or color(srgb …) @returns {number[]} */
function rgb(text) {
  const numbers = (text.match(/[\d.]+/g) ?? []).map(Number).slice(0, 3);
  return text.startsWith("color") ? numbers.map((each) => each * 255) : numbers;
}
