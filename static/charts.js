/** Charts on a canvas: the loss, points and a line, classes and a field, a loss over two parameters. */

import { drawDecision, drawSurface } from "./fields.js";

/**
 * @import {View, Moved} from "./live.js"
 * @typedef {{xs: number[] | null, ys: number[], colour: string}} Line without `xs`, one point an iteration
 * @typedef {(x: number, y: number) => [number, number]} Place
 * @typedef {{left: number, right: number, bottom: number, top: number}} Extent
 * @typedef {{context: CanvasRenderingContext2D, width: number, height: number, colour: (name: string) => string}} Sheet
 */

const MARGIN = { left: 44, right: 12, top: 10, bottom: 22 };

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

/**
 * Lines over the iterations; on a logarithmic scale where they are positive and span much.
 * @param {HTMLCanvasElement} canvas @param {Line[]} lines
 */
export function drawSeries(canvas, lines) {
  const sheet = sheetOf(canvas);
  let [low, high, end] = [Infinity, -Infinity, 1];
  for (const { xs, ys } of lines) {
    end = Math.max(end, xs?.at(-1) ?? ys.length - 1);
    for (const each of ys) {
      if (!Number.isFinite(each)) continue;
      if (each < low) low = each;
      if (each > high) high = each;
    }
  }
  if (low > high) return;
  const isLog = low > 0 && high / low > 50;
  const scale = isLog ? Math.log10 : (/** @type {number} */ value) => value;
  const span = scale(high) - scale(low) || Math.abs(scale(high)) * 0.1 || 1;
  const extent = { left: 0, right: end, bottom: scale(low) - span * 0.05, top: scale(high) + span * 0.05 };
  const at = placer(sheet, extent);
  axes(sheet, extent, isLog);
  for (const line of lines) curve(sheet, line, (x, y) => at(x, scale(y)));
}

/** @param {Sheet} sheet @param {Line} line @param {Place} at */
function curve(sheet, { xs, ys, colour }, at) {
  const { context } = sheet;
  context.strokeStyle = sheet.colour(colour);
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.beginPath();
  // Of the points in one column of pixels the least and the greatest are enough.
  const each = Math.max(1, Math.floor(ys.length / (sheet.width * 2)));
  let isDown = false;
  for (let start = 0; start < ys.length; start += each) {
    let least = NaN;
    let most = NaN;
    for (let nr = start; nr < Math.min(start + each, ys.length); nr++) {
      const value = ys[nr] ?? NaN;
      if (!Number.isFinite(value)) continue;
      if (!(value >= least)) least = value;
      if (!(value <= most)) most = value;
    }
    if (Number.isNaN(least)) {
      isDown = false;
      continue;
    }
    for (const value of most === least ? [least] : [most, least]) {
      const [x, y] = at(xs?.[start] ?? start, value);
      if (isDown) context.lineTo(x, y);
      else context.moveTo(x, y);
      isDown = true;
    }
  }
  context.stroke();
  const last = ys[ys.length - 1] ?? NaN;
  if (Number.isFinite(last)) dot(sheet, at(xs?.at(-1) ?? ys.length - 1, last), 3.5, colour);
}

/** @param {HTMLCanvasElement} canvas @param {View} view @param {Moved | undefined} moved */
export function drawView(canvas, view, moved) {
  const sheet = sheetOf(canvas);
  const [left, right, bottom, top] = view.extent;
  const extent = { left, right, bottom, top };
  const at = placer(sheet, extent);
  if (view.kind === "classes" && moved?.cells) drawDecision(sheet, at, view, moved.cells);
  if (view.kind === "surface" && view.cells) drawSurface(sheet, at, view);
  axes(sheet, extent, false, view.kind === "fit");
  const { context } = sheet;
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top, sheet.width - MARGIN.left - MARGIN.right, sheet.height - MARGIN.top - MARGIN.bottom);
  context.clip();
  view.x.forEach((x, nr) => {
    const colour = view.kind === "classes" ? (CLASSES[(view.labels[nr] ?? 0) % CLASSES.length] ?? "ink") : "intermediate-border";
    dot(sheet, at(x, view.y[nr] ?? NaN), view.x.length > 400 ? 2 : 3.5, colour, true);
  });
  if (moved?.x && moved.y) line(sheet, at, moved.x, moved.y, view.kind === "surface");
  context.restore();
}

const CLASSES = ["error-border", "intermediate-border", "leaf-border", "function-border", "gradient-border"];

/** @param {Sheet} sheet @param {Place} at @param {number[]} xs @param {number[]} ys @param {boolean} isPath */
function line(sheet, at, xs, ys, isPath) {
  const { context } = sheet;
  context.lineJoin = "round";
  context.beginPath();
  xs.forEach((x, nr) => context.lineTo(...at(x, ys[nr] ?? NaN)));
  // An edge in the ground's colour keeps it readable on points and bands.
  for (const [colour, width] of /** @type {[string, number][]} */ ([["panel", 4.5], [isPath ? "ink" : "error-border", isPath ? 1.75 : 2.5]])) {
    context.strokeStyle = sheet.colour(colour);
    context.lineWidth = width;
    context.stroke();
  }
  if (isPath) dot(sheet, at(xs[xs.length - 1] ?? NaN, ys[ys.length - 1] ?? NaN), 4.5, "ink", true);
}

/** @param {Sheet} sheet @param {Extent} extent @returns {Place} */
function placer({ width, height }, { left, right, bottom, top }) {
  const across = (width - MARGIN.left - MARGIN.right) / (right - left || 1);
  const up = (height - MARGIN.top - MARGIN.bottom) / (top - bottom || 1);
  return (x, y) => [MARGIN.left + (x - left) * across, height - MARGIN.bottom - (y - bottom) * up];
}

/**
 * Round numbers at both sides, and lines across.
 * @param {Sheet} sheet @param {Extent} extent @param {boolean} isLog heights are logarithms @param {boolean} [hasLines]
 */
function axes(sheet, extent, isLog, hasLines = true) {
  const { context, height, width } = sheet;
  const at = placer(sheet, extent);
  context.strokeStyle = sheet.colour("line");
  context.fillStyle = sheet.colour("muted");
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of isLog ? roundLogarithms(extent.bottom, extent.top) : roundNumbers(extent.bottom, extent.top, 4)) {
    const [, y] = at(extent.left, value);
    if (hasLines) {
      context.beginPath();
      context.moveTo(MARGIN.left, Math.round(y) + 0.5);
      context.lineTo(width - MARGIN.right, Math.round(y) + 0.5);
      context.stroke();
    }
    context.fillText(short(isLog ? 10 ** value : value), MARGIN.left - 6, y);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  for (const value of roundNumbers(extent.left, extent.right, Math.max(2, Math.floor(width / 80)))) {
    context.fillText(short(value), at(value, extent.bottom)[0], height - 6);
  }
}

/** Of powers of ten; of 1, 2 and 5 times them where those are few. @param {number} from @param {number} to */
function roundLogarithms(from, to) {
  const stride = Math.ceil((to - from) / 5);
  const powers = Array.from({ length: Math.ceil(to - from) + 1 }, (_, nr) => Math.floor(from) + nr);
  const within = (/** @type {number} */ each) => each >= from && each <= to;
  const sparse = powers.filter((power) => within(power) && power % stride === 0);
  if (sparse.length > 2) return sparse;
  return powers.flatMap((power) => [power, power + Math.log10(2), power + Math.log10(5)]).filter(within);
}

/** About so many, 1, 2 or 5 times a power of ten apart. @param {number} from @param {number} to @param {number} count */
function roundNumbers(from, to, count) {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  const numbers = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, nr) => (first + nr) * step);
  return Number.isFinite(step) && numbers.length ? numbers : [from, to];
}

/** @param {Sheet} sheet @param {[number, number]} at @param {number} radius @param {string} colour @param {boolean} [hasEdge] */
function dot({ context, colour: colourOf }, [x, y], radius, colour, hasEdge = false) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = colourOf(colour);
  context.fill();
  if (!hasEdge) return;
  context.strokeStyle = colourOf("panel");
  context.lineWidth = 1;
  context.stroke();
}

/** @param {number} value */
function short(value) {
  const isPlain = value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6);
  return (isPlain ? Number(value.toPrecision(3)).toString() : value.toExponential(0)).replace(/-/g, "\u2212");
}
