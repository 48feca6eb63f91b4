/** A tensor as the Python that makes it. No DOM. */

/** @import {Element, TensorValue} from "./types.js" */

const DEFAULT = new Set(["float32", "int64", "bool"]); // what torch.tensor makes of such numbers
const NON_FINITE = { NaN: 'float("nan")', Infinity: 'float("inf")', "-Infinity": '-float("inf")' };

/** @param {TensorValue} value @returns {string | null} null where not all elements are known */
export function pythonOf({ shape, dtype, data }) {
  if (!data) return null;
  const type = DEFAULT.has(dtype) ? "" : `, dtype=torch.${dtype}`;
  if (data.length === 0) return `torch.empty(${shape.join(", ")}${type})`;
  const isFloat = /^(b?float|complex)/.test(dtype);
  return `torch.tensor(${nested(
    data.map((each) => number(each, isFloat)),
    shape,
  )}${type})`;
}

/** @param {Element} element @param {boolean} isFloat @returns {string} */
function number(element, isFloat) {
  if (Array.isArray(element)) return `complex(${element.map((part) => number(part, true)).join(", ")})`;
  if (typeof element === "boolean") return element ? "True" : "False";
  if (typeof element === "string") return NON_FINITE[element];
  const text = Object.is(element, -0) ? "-0" : String(element);
  return isFloat && Number.isInteger(element) && !text.includes("e") ? `${text}.0` : text;
}

/** @param {string[]} numbers @param {number[]} shape @returns {string} */
export function nested(numbers, shape) {
  const [length, ...rest] = shape;
  if (length === undefined) return numbers[0] ?? "";
  if (rest.length === 0) return `[${numbers.join(", ")}]`;
  const size = numbers.length / length;
  const parts = Array.from({ length }, (_, nr) => nested(numbers.slice(nr * size, (nr + 1) * size), rest));
  return `[${parts.join(", ")}]`;
}
