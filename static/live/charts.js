/** Charts on a canvas: the loss, points and a line, classes and a field, a loss over two parameters. */

import { MARGIN, axes, dot, placer, sheetOf } from "./canvas.js";
import { drawDecision, drawSurface } from "./fields.js";

/**
 * @import {Place, Sheet} from "./canvas.js"
 * @import {View, ViewState} from "../state/types.js"
 * @typedef {{xs: number[] | null, ys: number[], colour: string}} Line without `xs`, one point an iteration
 */

const WIDE = 50; // the largest value over the smallest

/**
 * Lines over the iterations; on a logarithmic scale if all values are positive and their range is large.
 * @param {HTMLCanvasElement} canvas @param {Line[]} lines
 * @param {{isLog?: boolean | null, pointed?: number | null}} [how] `pointed`: the iteration under the pointer
 */
export function drawSeries(canvas, lines, { isLog: wanted = null, pointed = null } = {}) {
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
  const isLog = low > 0 && (wanted ?? high / low > WIDE);
  const scale = isLog ? Math.log10 : (/** @type {number} */ value) => value;
  const span = scale(high) - scale(low) || Math.abs(scale(high)) * 0.1 || 1;
  const extent = { left: 0, right: end, bottom: scale(low) - span * 0.05, top: scale(high) + span * 0.05 };
  const at = placer(sheet, extent);
  axes(sheet, extent, isLog);
  for (const line of lines) curve(sheet, line, (x, y) => at(x, scale(y)));
  if (pointed === null) return;
  const [x] = at(Math.min(pointed, end), 0);
  sheet.context.fillStyle = sheet.colour("control");
  sheet.context.fillRect(x, MARGIN.top, 1, sheet.height - MARGIN.top - MARGIN.bottom);
}

/** Whether a logarithmic scale shows more of it. @param {number[]} values */
export function isWide(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const each of values) {
    if (each < low) low = each;
    if (each > high && each !== Infinity) high = each;
  }
  return low > 0 && high / low > WIDE;
}

/** The iteration at a place of a chart of so many. @param {number} x @param {number} width @param {number} count */
export function iterationAt(x, width, count) {
  const share = (x - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
  return Math.round(Math.max(0, Math.min(1, share)) * Math.max(0, count - 1));
}

/** @param {Sheet} sheet @param {Line} line @param {Place} at */
function curve(sheet, { xs, ys, colour }, at) {
  const { context } = sheet;
  context.strokeStyle = sheet.colour(colour);
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.beginPath();
  // The minimum and maximum of each column of pixels are enough.
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

/** @param {HTMLCanvasElement} canvas @param {View} view @param {ViewState | undefined} moved */
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
  context.rect(
    MARGIN.left,
    MARGIN.top,
    sheet.width - MARGIN.left - MARGIN.right,
    sheet.height - MARGIN.top - MARGIN.bottom,
  );
  context.clip();
  view.x.forEach((x, nr) => {
    const colour =
      view.kind === "classes" ? (CLASSES[(view.labels[nr] ?? 0) % CLASSES.length] ?? "ink") : "intermediate-border";
    dot(sheet, at(x ?? NaN, view.y[nr] ?? NaN), view.x.length > 400 ? 2 : 3.5, colour, true);
  });
  if (moved?.x && moved.y) line(sheet, at, moved.x, moved.y, view.kind === "surface");
  context.restore();
}

const CLASSES = ["error-border", "intermediate-border", "leaf-border", "function-border", "gradient-border"];

/** @param {Sheet} sheet @param {Place} at @param {(number | null)[]} xs @param {(number | null)[]} ys @param {boolean} isPath */
function line(sheet, at, xs, ys, isPath) {
  const { context } = sheet;
  context.lineJoin = "round";
  context.beginPath();
  xs.forEach((x, nr) => context.lineTo(...at(x ?? NaN, ys[nr] ?? NaN)));
  // An outline in the background colour keeps it readable on points and bands.
  for (const [colour, width] of /** @type {[string, number][]} */ ([
    ["panel", 4.5],
    [isPath ? "ink" : "error-border", isPath ? 1.75 : 2.5],
  ])) {
    context.strokeStyle = sheet.colour(colour);
    context.lineWidth = width;
    context.stroke();
  }
  if (isPath) dot(sheet, at(xs[xs.length - 1] ?? NaN, ys[ys.length - 1] ?? NaN), 4.5, "ink", true);
}
