/** Moving through the graph with the keyboard: up and down along arrows, left and right within a row. */

import { middle } from "../picture/picture.js";

/** @import {Node, Picture} from "../picture/picture.js" */

const SAME_ROW = 12; // units; rows are further apart

/**
 * @param {string} key
 * @param {Node} node where the focus is
 * @param {Picture} picture
 * @returns {Node | null | undefined} the next node; undefined for other keys
 */
export function walk(key, node, { nodes }) {
  if (key === "ArrowDown") return nearest(node, node.into);
  if (key === "ArrowUp") return nearest(node, node.from);
  if (key === "ArrowRight")
    return nearest(
      node,
      nodes.filter((other) => beside(node, other) > 0),
    );
  if (key === "ArrowLeft")
    return nearest(
      node,
      nodes.filter((other) => beside(node, other) < 0),
    );
  if (key === "Home") return nodes.at(0);
  if (key === "End") return nodes.at(-1);
  return undefined;
}

/** @param {Node} node @param {Node[]} others @returns {Node | null} */
function nearest(node, others) {
  /** @param {Node} other */
  const distance = (other) => Math.hypot(middle(other).x - middle(node).x, middle(other).y - middle(node).y);
  return others.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** How far to the right another node lies, 0 if not in the same row. @param {Node} node @param {Node} other */
function beside(node, other) {
  const a = middle(node);
  const b = middle(other);
  return Math.abs(a.y - b.y) < SAME_ROW ? b.x - a.x : 0;
}
