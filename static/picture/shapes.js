/** The outline, the texts and the classes of a box, by its kind. Sizes are those that the server laid out. */

import { create } from "./svg.js";

/**
 * @import {PlacedBox} from "../state/types.js"
 * @typedef {PlacedBox["kind"]} Kind
 */

/** Kinds whose classes are not their own name. @type {Partial<Record<Kind, string>>} */
const CLASSES = {
  leaf: "tensor leaf",
  parameter: "tensor parameter",
  intermediate: "tensor intermediate",
  constant: "tensor constant",
  accumulate: "function accumulate",
  operations: "function operations",
  leaves: "fold leaves",
};

const LEFT = new Set(["leaf", "parameter", "intermediate", "constant"]);
const SMALL = new Set(["accumulate", "proxy leaf", "proxy parameter", "proxy constant", "cut"]);
const LINE = 1.2; // as in app/gradfn/render/styles.py, like the sizes of letters
const BASELINE = 0.94;
const INDENT = 8;
export const LETTER = 7.2; // of 12 points
export const COMPACT = 3; // rows at most: name, value and gradient

/** @param {Kind} kind */
export const classesOf = (kind) => CLASSES[kind] ?? kind;

/** Around the point 0, 0. @param {PlacedBox} box @returns {SVGElement[]} */
export function outlinesOf({ kind, width, height }) {
  const [x, y] = [width / 2, height / 2];
  switch (kind) {
    case "function":
    case "accumulate":
    case "operations":
      return [create("ellipse", { rx: x, ry: y })];
    case "error":
      return [path(octagon(x, y))];
    case "constant":
    case "proxy constant":
      return [path(`M${-x} ${-y}H${x - 7}L${x} ${7 - y}V${y}H${-x}Z`), inner(`M${x - 7} ${-y}V${7 - y}H${x}`)];
    case "parameter":
    case "proxy parameter":
      return [path(rectangle(x, y, 0)), inner(rectangle(x - 3, y - 3, 0))];
    case "fold repeat":
      return [
        path(`M${5 - x} ${-y - 4}H${x - 3}A7 7 0 0 1 ${x + 4} ${3 - y}V${y - 7}`, "behind"),
        path(rectangle(x, y, 8)),
      ];
    case "leaf":
    case "proxy leaf":
      return [path(rectangle(x, y, 7))];
    case "fold":
    case "fold group":
    case "leaves":
      return [path(rectangle(x, y, 8))];
    case "empty":
      return [];
    default:
      return [path(rectangle(x, y, 0))];
  }
}

/** One text for each row. @param {PlacedBox} box @returns {SVGElement[]} */
export function textsOf({ kind, rows, width }) {
  const size = SMALL.has(kind) ? 10 : 12;
  const left = LEFT.has(kind);
  const top = (-rows.length * size * LINE) / 2;
  return rows.flatMap((row, nr) => {
    const y = top + (nr * LINE + BASELINE) * size;
    const [x, anchor] = left ? [INDENT - width / 2, "start"] : [0, "middle"];
    const text = create("text", { x, y, "text-anchor": anchor, "font-size": size });
    text.textContent = row;
    const isChip = left && rows.length <= COMPACT && row.startsWith("grad ");
    return isChip ? [chipOf(y, width, row, roomIn(rows)), text] : [text];
  });
}

/** Letters that a thumbnail takes at the end of a box: the server left them free. @param {string[]} rows */
export function roomIn([first = ""]) {
  return first.length - first.trimEnd().length;
}

/** Behind the gradient in a box of few rows. @param {number} y of the text @param {number} width @param {string} row @param {number} room letters */
function chipOf(y, width, row, room) {
  const name = isNone(row) ? "chip-of-grad is-none" : "chip-of-grad";
  return create("rect", {
    class: name,
    x: 4 - width / 2,
    y: y - 11,
    width: width - 8 - room * LETTER,
    height: 14,
    rx: 4,
  });
}

/** Whether the row says that there is no gradient. @param {string} row */
export const isNone = (row) => row.trim() === "grad None";

/** The sign that a box opens. @param {PlacedBox} box */
export function openerOf({ width, height }) {
  const [x, y] = [width / 2 - 9, 9 - height / 2];
  const sign = create("g", { class: "opener" });
  sign.append(create("path", { d: `M${x - 3.5} ${y}H${x + 3.5}M${x} ${y - 3.5}V${y + 3.5}` }));
  return sign;
}

/** @param {string} d @param {string} [name] */
const path = (d, name) => create("path", name ? { d, class: name } : { d });

/** A second line, which is not filled. @param {string} d */
const inner = (d) => create("path", { d, fill: "none" });

/** @param {number} x @param {number} y half its size @param {number} round */
export function rectangle(x, y, round) {
  const r = Math.min(round, x, y);
  if (!r) return `M${-x} ${-y}H${x}V${y}H${-x}Z`;
  const corner = (/** @type {number} */ toX, /** @type {number} */ toY) => `A${r} ${r} 0 0 1 ${toX} ${toY}`;
  return `M${r - x} ${-y}H${x - r}${corner(x, r - y)}V${y - r}${corner(x - r, y)}H${r - x}${corner(-x, y - r)}V${r - y}${corner(r - x, -y)}Z`;
}

/** @param {number} x @param {number} y half its size */
function octagon(x, y) {
  const [a, b] = [x * 0.414 + 8, y * 0.414];
  return `M${-a} ${-y}H${a}L${x} ${-b}V${b}L${a} ${y}H${-a}L${-x} ${b}V${-b}Z`;
}
