/** A matrix as a small heat map at the right end of its box, where the server left room for it. */

import { create } from "./svg.js";
import { elementAt, heatOf, sizeOf } from "../state/heat.js";

/**
 * @import {TensorValue} from "../state/types.js"
 * @import {Heat} from "../state/heat.js"
 */

const MARGIN = 4;
const SHADES = 6; // of each colour; cells of one shade are one path
const MOST_CELLS = 64; // across or down

/** What each element shows. @type {WeakMap<Element, TensorValue>} */
const shown = new WeakMap();

/** @param {Element} node @param {{width: number, height: number}} box @param {TensorValue | null} value */
export function showThumbnail(node, { width, height }, value) {
  const old = node.querySelector(".thumbnail");
  const found = value && value.shape.length > 1 && Math.min(...value.shape.slice(-2)) > 1 ? heatOf(value) : null;
  const heat = found && { ...found, across: Math.ceil(Math.sqrt(found.matrices)) }; // as square as its place
  const size = heat && sizeOf(heat);
  if (!value || !heat || !size || Math.max(size.width, size.height) > MOST_CELLS) {
    old?.remove();
    return;
  }
  if (old && shown.get(old) === value) return;
  const side = height - 2 * MARGIN;
  const cell = side / Math.max(size.width, size.height);
  const left = width / 2 - MARGIN - side + (side - cell * size.width) / 2;
  const group = create("g", {
    class: "thumbnail",
    transform: `translate(${left} ${(-cell * size.height) / 2}) scale(${cell})`,
    "aria-hidden": "true",
  });
  group.append(create("rect", size), ...shades(heat, size));
  shown.set(group, value);
  if (old) old.replaceWith(group);
  else node.append(group);
}

/** @param {Heat} heat @param {{width: number, height: number}} size @returns {SVGElement[]} */
function shades(heat, { width, height }) {
  /** @type {Map<string, string[]>} */
  const paths = new Map();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = elementAt(heat, row, column);
      if (at === null) continue;
      const share = heat.cells[at] ?? NaN;
      const shade = Math.round(Math.abs(share) * SHADES);
      const key = Number.isNaN(share) ? "not-finite 6" : `${share > 0 ? "above" : "below"} ${shade}`;
      if (shade !== 0) paths.set(key, [...(paths.get(key) ?? []), `M${column} ${row}h1v1h-1z`]);
    }
  }
  return [...paths].map(([key, data]) => {
    const [name = "", shade] = key.split(" ");
    return create("path", { class: name, "fill-opacity": Number(shade) / SHADES, d: data.join("") });
  });
}
