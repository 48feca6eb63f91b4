/** How large the gradients on arrows are, beside each other and beside the one that a pass began with. No DOM. */

/**
 * @import {TensorValue} from "./types.js"
 * @typedef {"dead" | "vanishing" | "exploding" | "bad" | null} Mark
 * `width` of an arrow in pixels, by the logarithm of the norm.
 * @typedef {{width: number, mark: Mark}} Magnitude
 * @typedef {{least: number, greatest: number, marks: Set<Mark>}} Range of the norms that are finite and not 0
 */

/** Beside the gradient that the pass began with. */
export const VANISHING = 1e-6;
export const EXPLODING = 1e6;
const THIN = 1.2;
const THICKER = 3.6;
const LEAST_DECADES = 3; // or small differences would look large

/** The 2-norm, NaN where an element is not finite; null when it is not known. @param {TensorValue | null | undefined} value */
export function normOf(value) {
  if (!value) return null;
  if (value.summary) return value.summary.nonfinite ? NaN : Number(value.summary.norm);
  const numbers = value.data?.flat().map(Number);
  const norm = numbers ? Math.hypot(...numbers) : null;
  return norm === null || Number.isFinite(norm) ? norm : NaN;
}

/** @param {number} norm @param {number | null} first the norm of what the pass began with @returns {Mark} */
export function markOf(norm, first) {
  if (!Number.isFinite(norm)) return "bad";
  if (norm === 0) return "dead";
  if (!first) return null;
  if (norm < first * VANISHING) return "vanishing";
  return norm > first * EXPLODING ? "exploding" : null;
}

/**
 * @param {Map<string, number>} norms by arrow @param {number | null} first
 * @returns {{magnitudes: Map<string, Magnitude>, range: Range | null}} no range where there is nothing to compare
 */
export function magnitudesOf(norms, first) {
  const sizes = [...norms.values()].filter((norm) => Number.isFinite(norm) && norm > 0);
  const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
  const decades = Math.max(Math.log10(greatest / least) || 0, LEAST_DECADES);
  const magnitudes = [...norms].map(([id, norm]) => {
    const share = norm > 0 ? Math.log10(norm / least) / decades : 0;
    return /** @type {const} */ ([id, { width: THIN + THICKER * (share || 0), mark: markOf(norm, first) }]);
  });
  const marks = new Set(magnitudes.map(([, { mark }]) => mark).filter(Boolean));
  const range = greatest > 10 * least || marks.size ? { least, greatest, marks } : null;
  return { magnitudes: new Map(magnitudes), range };
}
