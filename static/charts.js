/** Charts on a canvas: the loss, points and a line, classes and a field, a loss over two parameters. */

/**
 * @import {View, Moved} from "./live.js"
 * @typedef {{left: number, right: number, bottom: number, top: number}} Extent
 * @typedef {{context: CanvasRenderingContext2D, width: number, height: number, colour: (name: string) => string}} Sheet
 */

const MARGIN = { left: 52, right: 12, top: 10, bottom: 22 };

/** The canvas at the size it has on the page. @param {HTMLCanvasElement} canvas @returns {Sheet} */
export function sheetOf(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "11px " + getComputedStyle(canvas).fontFamily;
  const style = getComputedStyle(canvas);
  // light-dark() is worked out only for a real property.
  const colour = (/** @type {string} */ name) => {
    canvas.style.color = `var(--${name})`;
    const value = style.color;
    canvas.style.color = "";
    return value;
  };
  return { context, width, height, colour };
}

/** The loss of every pass. @param {HTMLCanvasElement} canvas @param {number[]} losses */
export function drawSeries(canvas, losses) {
  const sheet = sheetOf(canvas);
  const finite = losses.filter(Number.isFinite);
  if (finite.length === 0) return;
  let low = Infinity;
  let high = -Infinity;
  for (const each of finite) {
    if (each < low) low = each;
    if (each > high) high = each;
  }
  const isLog = low > 0 && high / low > 50;
  const scale = isLog ? Math.log10 : (/** @type {number} */ value) => value;
  const span = scale(high) - scale(low) || Math.abs(scale(high)) * 0.1 || 1;
  const extent = { left: 0, right: Math.max(1, losses.length - 1), bottom: scale(low) - span * 0.05, top: scale(high) + span * 0.05 };
  const at = placer(sheet, extent);
  const back = isLog ? (/** @type {number} */ value) => 10 ** value : (/** @type {number} */ value) => value;
  axes(sheet, extent, back);
  const { context } = sheet;
  context.strokeStyle = sheet.colour("gradient-border");
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.beginPath();
  // Of the points in one column of pixels the least and the greatest are enough.
  const each = Math.max(1, Math.floor(losses.length / (sheet.width * 2)));
  let isDown = false;
  for (let start = 0; start < losses.length; start += each) {
    let least = NaN;
    let most = NaN;
    for (let nr = start; nr < Math.min(start + each, losses.length); nr++) {
      const value = losses[nr] ?? NaN;
      if (!Number.isFinite(value)) continue;
      if (!(value >= least)) least = value;
      if (!(value <= most)) most = value;
    }
    if (Number.isNaN(least)) {
      isDown = false;
      continue;
    }
    for (const value of most === least ? [least] : [most, least]) {
      const [x, y] = at(start, scale(value));
      if (isDown) context.lineTo(x, y);
      else context.moveTo(x, y);
      isDown = true;
    }
  }
  context.stroke();
  const last = losses[losses.length - 1] ?? NaN;
  if (Number.isFinite(last)) dot(sheet, at(losses.length - 1, scale(last)), 3.5, "gradient-border");
}

/** @param {HTMLCanvasElement} canvas @param {View} view @param {Moved | undefined} moved */
export function drawView(canvas, view, moved) {
  const sheet = sheetOf(canvas);
  const [left, right, bottom, top] = view.extent;
  const extent = { left, right, bottom, top };
  const at = placer(sheet, extent);
  if (view.kind === "classes" && moved?.cells) field(sheet, at, extent, view, moved.cells, true);
  if (view.kind === "surface" && view.cells) field(sheet, at, extent, view, view.cells, false);
  axes(sheet, extent, (value) => value);
  const { context } = sheet;
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top, sheet.width - MARGIN.left - MARGIN.right, sheet.height - MARGIN.top - MARGIN.bottom);
  context.clip();
  view.x.forEach((x, nr) => {
    const colour = view.kind === "classes" ? (CLASSES[(view.labels[nr] ?? 0) % CLASSES.length] ?? "ink") : "intermediate-border";
    dot(sheet, at(x, view.y[nr] ?? NaN), view.x.length > 400 ? 2 : 3.5, colour);
  });
  if (moved?.x && moved.y) line(sheet, at, moved.x, moved.y, view.kind === "surface");
  context.restore();
}

const CLASSES = ["error-border", "intermediate-border", "leaf-border", "function-border", "gradient-border"];

/** @param {Sheet} sheet @param {(x: number, y: number) => [number, number]} at @param {number[]} xs @param {number[]} ys @param {boolean} isPath */
function line(sheet, at, xs, ys, isPath) {
  const { context } = sheet;
  context.strokeStyle = sheet.colour(isPath ? "ink" : "error-border");
  context.lineWidth = isPath ? 1.75 : 2.5;
  context.beginPath();
  xs.forEach((x, nr) => context.lineTo(...at(x, ys[nr] ?? NaN)));
  context.stroke();
  if (isPath) dot(sheet, at(xs[xs.length - 1] ?? NaN, ys[ys.length - 1] ?? NaN), 4.5, "ink");
}

/**
 * Cells as an image, stretched over the extent; the lines between bands of a surface.
 * @param {Sheet} sheet @param {(x: number, y: number) => [number, number]} at @param {Extent} extent
 * @param {View} view @param {string} cells @param {boolean} isDecision
 */
function field(sheet, at, extent, { columns }, cells, isDecision) {
  const bytes = Uint8Array.from(atob(cells), (letter) => letter.charCodeAt(0));
  const rows = Math.floor(bytes.length / columns);
  if (!rows) return;
  const low = rgb(sheet.colour(isDecision ? "error-border" : "intermediate-fill"));
  const high = rgb(sheet.colour(isDecision ? "intermediate-border" : "gradient-fill"));
  const size = 96; // finer than the cells, so that bands and the border are smooth
  const image = new ImageData(size, size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const value = between(bytes, columns, rows, (column / (size - 1)) * (columns - 1), (1 - row / (size - 1)) * (rows - 1)) / 255;
      const share = isDecision ? value : Math.round(value * 12) / 12;
      const start = 4 * (row * size + column);
      for (let part = 0; part < 3; part++) {
        image.data[start + part] = (low[part] ?? 0) * (1 - share) + (high[part] ?? 0) * share;
      }
      image.data[start + 3] = isDecision ? 30 + 80 * Math.abs(2 * value - 1) : 255;
      if (isDecision && Math.abs(value - 0.5) < 0.02) image.data[start + 3] = 150;
    }
  }
  const buffer = new OffscreenCanvas(size, size);
  /** @type {OffscreenCanvasRenderingContext2D} */ (buffer.getContext("2d")).putImageData(image, 0, 0);
  const [x, y] = at(extent.left, extent.top);
  const [right, bottom] = at(extent.right, extent.bottom);
  sheet.context.imageSmoothingEnabled = isDecision;
  sheet.context.drawImage(buffer, x, y, right - x, bottom - y);
}

/** @param {Uint8Array} bytes @param {number} columns @param {number} rows @param {number} x @param {number} y */
function between(bytes, columns, rows, x, y) {
  const left = Math.min(columns - 2, Math.floor(x));
  const below = Math.min(rows - 2, Math.floor(y));
  const [dx, dy] = [x - left, y - below];
  const cell = (/** @type {number} */ row, /** @type {number} */ column) => bytes[row * columns + column] ?? 0;
  const lower = cell(below, left) * (1 - dx) + cell(below, left + 1) * dx;
  const upper = cell(below + 1, left) * (1 - dx) + cell(below + 1, left + 1) * dx;
  return lower * (1 - dy) + upper * dy;
}

/** @param {Sheet} sheet @param {Extent} extent @returns {(x: number, y: number) => [number, number]} */
function placer({ width, height }, { left, right, bottom, top }) {
  const across = (width - MARGIN.left - MARGIN.right) / (right - left || 1);
  const up = (height - MARGIN.top - MARGIN.bottom) / (top - bottom || 1);
  return (x, y) => [MARGIN.left + (x - left) * across, height - MARGIN.bottom - (y - bottom) * up];
}

/** @param {Sheet} sheet @param {Extent} extent @param {(value: number) => number} back what a height stands for */
function axes(sheet, extent, back) {
  const { context, height, width } = sheet;
  const at = placer(sheet, extent);
  context.strokeStyle = sheet.colour("line");
  context.fillStyle = sheet.colour("muted");
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const share of [0.05, 0.5, 0.95]) {
    const value = extent.bottom + share * (extent.top - extent.bottom);
    const [, y] = at(extent.left, value);
    context.beginPath();
    context.moveTo(MARGIN.left, Math.round(y) + 0.5);
    context.lineTo(width - MARGIN.right, Math.round(y) + 0.5);
    context.stroke();
    context.fillText(short(back(value)), MARGIN.left - 6, y);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillText(short(extent.left), MARGIN.left, height - 6);
  context.textAlign = "right";
  context.fillText(short(extent.right), width - MARGIN.right, height - 6);
}

/** @param {Sheet} sheet @param {[number, number]} at @param {number} radius @param {string} colour */
function dot({ context, colour: colourOf }, [x, y], radius, colour) {
  context.fillStyle = colourOf(colour);
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fill();
}

/** @param {number} value */
function short(value) {
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
}

/** @param {string} text rgb(…), or color(srgb …) @returns {number[]} */
function rgb(text) {
  const numbers = (text.match(/[\d.]+/g) ?? []).map(Number).slice(0, 3);
  return text.startsWith("color") ? numbers.map((each) => each * 255) : numbers;
}
