/** Marks that travel backward along arrows, each with its number: one function of a backward pass. */

import { create, motionIsWanted } from "./svg.js";

/** @import {Edge, Picture} from "./picture.js" */

export const TRAVEL_MS = 420;
const KEYFRAMES = 16;
const RADIUS = 4.5;

/**
 * Numbers come to a function along the arrows out of it, and leave along those into it.
 * @param {Picture} picture @param {string} running the function
 */
export function travel({ drawing, nodes, edges }, running) {
  drawing.querySelector(":scope > g.travel")?.remove();
  const node = nodes.find(({ subject, members }) => subject === running || members.includes(running));
  if (!node || !motionIsWanted()) return;
  const layer = create("g", { class: "travel", "aria-hidden": "true" });
  drawing.append(layer);
  const moving = edges.filter(({ head, element }) => head === node.id && element.classList.contains("has-gradient"));
  const arriving = edges.filter(({ tail, element }) => tail === node.id && element.classList.contains("has-gradient"));
  for (const edge of arriving) go(layer, edge, { delay: 0, duration: TRAVEL_MS * 0.4 });
  const delay = arriving.length ? TRAVEL_MS * 0.4 : 0;
  for (const edge of moving) {
    const label = drawing.querySelector(`:scope > .gradients [data-edge="${CSS.escape(edge.id)}"]`);
    go(layer, edge, { delay, duration: TRAVEL_MS, text: label?.textContent ?? "" });
    label?.animate([{ opacity: 0 }, { opacity: 0, offset: 0.85 }, { opacity: 1 }], { duration: delay + TRAVEL_MS });
  }
}

/** @param {Element} layer @param {Edge} edge @param {{delay: number, duration: number, text?: string}} how */
function go(layer, { at, element }, { delay, duration, text = "" }) {
  const mark = create("g", { class: element.classList.contains("is-bad") ? "mark is-bad" : "mark" });
  mark.append(create("circle", { r: RADIUS }));
  if (text) {
    const number = create("text", { x: 9, y: 3.5 });
    number.textContent = text;
    mark.append(number);
  }
  layer.append(mark);
  const places = Array.from({ length: KEYFRAMES + 1 }, (_, nr) => at(1 - nr / KEYFRAMES));
  const keyframes = places.map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
  const animation = mark.animate(keyframes, { duration, delay, easing: "ease-in-out", fill: "backwards" });
  animation.onfinish = () => mark.remove();
}
