/** Numbers as text: four decimals, a true minus sign, and Python's names for other values. */

/** @import {BackwardPass, Element} from "../state/types.js" */

const NON_FINITE = { NaN: "nan", Infinity: "inf", "-Infinity": "−inf" };

/** @param {Element | null} value @param {string} dtype @returns {string} */
export function numberText(value, dtype = "float32") {
  if (value === null) return "–";
  if (Array.isArray(value)) {
    const imaginary = numberText(value[1]);
    return `${numberText(value[0])}${imaginary.startsWith("−") ? "" : "+"}${imaginary}j`;
  }
  if (typeof value === "string") return NON_FINITE[value] ?? value;
  if (typeof value === "boolean") return booleanText(value);
  if (!/^(b?float|complex)/.test(dtype)) return String(value).replace("-", "−");
  return decimal(value);
}

/** @param {boolean} value */
export function booleanText(value) {
  return value ? "True" : "False";
}

/** @param {number[]} shape */
export function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** @param {number} value */
function decimal(value) {
  const size = Math.abs(value);
  const text =
    value === 0 || (size >= 1e-3 && size < 1e6)
      ? value.toFixed(4).replace(/0+$/, "").replace(/\.$/, ".0")
      : value.toExponential(3).replace(/\.?0+e/, "e");
  return text.replaceAll("-", "−");
}

/** @param {number} milliseconds */
export function durationText(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** @param {number} bytes */
export function bytesText(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : countText(bytes, "byte");
}

/** @param {number} count @param {string} noun @param {string} several */
export function countText(count, noun, several = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : several}`;
}

/** @param {BackwardPass} pass @param {number} nr from 0 */
export function passText({ line }, nr) {
  return `pass ${(nr + 1).toLocaleString("en")}${line === null ? "" : `, line ${line}`}`;
}
