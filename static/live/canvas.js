/** A canvas to draw charts on: its size, its colours, coordinates and axes. */

/**
 * @typedef {(x: number, y: number) => [number, number]} Place
 * @typedef {{left: number, right: number, bottom: number, top: number}} Extent
 * @typedef {{context: CanvasRenderingContext2D, width: number, height: number, colour: (name: string) => string}} Sheet
 */

const LEAST_APART = 13; // pixels between numbers at an axis

export const MARGIN = { left: 44, right: 12, top: 10, bottom: 22 };

/** The canvas, resized to its size on the page. @param {HTMLCanvasElement} canvas @returns {Sheet} */
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
  // light-dark() is resolved only in a CSS property.
  const colour = (/** @type {string} */ name) => {
    canvas.style.color = `var(--${name})`;
    const value = style.color;
    canvas.style.color = "";
    return value;
  };
  return { context, width, height, colour };
}

/** @param {Sheet} sheet @param {Extent} extent @returns {Place} */
export function placer({ width, height }, { left, right, bottom, top }) {
  const across = (width - MARGIN.left - MARGIN.right) / (right - left || 1);
  const up = (height - MARGIN.top - MARGIN.bottom) / (top - bottom || 1);
  return (x, y) => [MARGIN.left + (x - left) * across, height - MARGIN.bottom - (y - bottom) * up];
}

/**
 * Ticks at round numbers, and grid lines.
 * @param {Sheet} sheet @param {Extent} extent @param {boolean} isLog heights are logarithms @param {boolean} [hasLines]
 */
export function axes(sheet, extent, isLog, hasLines = true) {
  const { context, height, width } = sheet;
  const at = placer(sheet, extent);
  context.strokeStyle = sheet.colour("line");
  context.fillStyle = sheet.colour("muted");
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  let above = Infinity; // the last tick with a number
  for (const value of isLog ? roundLogarithms(extent.bottom, extent.top) : roundNumbers(extent.bottom, extent.top, 4)) {
    const [, y] = at(extent.left, value);
    if (hasLines) {
      context.beginPath();
      context.moveTo(MARGIN.left, Math.round(y) + 0.5);
      context.lineTo(width - MARGIN.right, Math.round(y) + 0.5);
      context.stroke();
    }
    if (above - y < LEAST_APART) continue;
    above = y;
    context.fillText(short(isLog ? 10 ** value : value), MARGIN.left - 6, y);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  for (const value of roundNumbers(extent.left, extent.right, Math.max(2, Math.floor(width / 80)))) {
    context.fillText(short(value), at(value, extent.bottom)[0], height - 6);
  }
}

/** Ticks at powers of ten; at 1, 2 and 5 times powers of ten if there are few. @param {number} from @param {number} to */
function roundLogarithms(from, to) {
  const stride = Math.ceil((to - from) / 5);
  const powers = Array.from({ length: Math.ceil(to - from) + 1 }, (_, nr) => Math.floor(from) + nr);
  const within = (/** @type {number} */ each) => each >= from && each <= to;
  const sparse = powers.filter((power) => within(power) && power % stride === 0);
  if (sparse.length > 2) return sparse;
  return powers.flatMap((power) => [power, power + Math.log10(2), power + Math.log10(5)]).filter(within);
}

/** About `count` ticks, 1, 2 or 5 times a power of ten apart. @param {number} from @param {number} to @param {number} count */
function roundNumbers(from, to, count) {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const wide = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  // One number alone does not tell how far it is to anything.
  const step = [wide, wide / 2, wide / 4].find((each) => Math.floor(to / each) - Math.ceil(from / each) >= 1) ?? wide;
  const first = Math.ceil(from / step);
  const numbers = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, nr) => (first + nr) * step);
  return Number.isFinite(step) && numbers.length ? numbers : [from, to];
}

/** @param {Sheet} sheet @param {[number, number]} at @param {number} radius @param {string} colour @param {boolean} [hasEdge] */
export function dot({ context, colour: colourOf }, [x, y], radius, colour, hasEdge = false) {
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
