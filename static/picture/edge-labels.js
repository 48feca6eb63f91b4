/** Text on the arrows of the drawn graph, and numbers at its functions, without a new layout. */

import { create, setAttribute } from "./svg.js";

/**
 * @import {Box, Edge, Picture} from "./picture.js"
 *
 * @import {Magnitude} from "../state/magnitude.js"
 *
 * An empty text colours the arrow alone.
 * @typedef {{text: string, isBad: boolean, magnitude?: Magnitude | undefined}} Label
 */

const LETTER = 6; // width of a character at 10 pixels
const LINE = 12;
const BESIDE = 6;
const PLACES = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95];
const RADIUS = 8;
const MARKS = ["dead", "vanishing", "exploding"];

/**
 * Replaces earlier labels; arrows with a label point backward.
 * @param {Picture} picture
 * @param {{labels: Map<string, Label>, numbers: Map<string, number>, sums: Map<string, string>}} shown by the ids of arrows and nodes
 */
export function showLabels({ drawing, nodes, edges }, { labels, numbers, sums }) {
  drawing.querySelectorAll(":scope > :is(g.gradients, marker)").forEach((old) => old.remove());
  const layer = create("g", { class: "gradients", "aria-hidden": "true" });
  const occupied = new OccupiedArea(nodes.map(({ box }) => box));
  for (const { id, box } of nodes) {
    const sum = sums.get(id);
    if (sum) layer.append(sumAt(box, sum, occupied));
  }
  for (const edge of edges) {
    const label = labels.get(edge.id);
    mark(edge.element, label);
    if (!label) continue;
    layer.append(restOf(edge));
    if (label.text) layer.append(textOn(edge, label, occupied));
  }
  for (const { id, box } of nodes) {
    const number = numbers.get(id);
    if (number !== undefined) layer.append(numberAt(box, number));
  }
  if (layer.childNodes.length) drawing.append(arrowHead("gradient-arrow"), arrowHead("gradient-bad"), layer);
}

/** @param {SVGElement} edge @param {Label | undefined} label */
function mark(edge, label) {
  edge.classList.toggle("has-gradient", label !== undefined);
  edge.classList.toggle("is-bad", label?.isBad ?? false);
  const path = edge.querySelector("path");
  for (const each of MARKS) edge.classList.toggle(`is-${each}`, label?.magnitude?.mark === each);
  if (label?.magnitude) path?.style.setProperty("stroke-width", `${label.magnitude.width.toFixed(2)}px`);
  else path?.style.removeProperty("stroke-width");
  if (!label) path?.removeAttribute("marker-start");
  else if (path) setAttribute(path, "marker-start", `url(#${label.isBad ? "gradient-bad" : "gradient-arrow"})`);
}

/** From the end of the path, where the arrow head began, to the node. @param {Edge} edge */
function restOf({ points, tip }) {
  const [x, y] = points.at(-1) ?? tip;
  return create("line", { x1: x, y1: y, x2: tip[0], y2: tip[1] });
}

/** Beside the path, in free space if there is any. @param {Edge} edge @param {Label} label @param {OccupiedArea} occupied */
function textOn({ id, at }, { text, isBad }, occupied) {
  const width = text.length * LETTER;
  const boxes = PLACES.flatMap((share) => {
    const [x, y] = at(share);
    return [x + BESIDE, x - BESIDE - width].map((left) => ({ x: left, y: y - LINE / 2, width, height: LINE }));
  });
  const box = /** @type {Box} */ (boxes.find((each) => occupied.isFree(each)) ?? boxes[0]);
  occupied.add(box);
  const element = create("text", { x: box.x, y: box.y + LINE - 3, class: isBad ? "is-bad" : "", "data-edge": id });
  element.textContent = text;
  return element;
}

/** Where gradients met: below the right corner. @param {Box} box @param {string} sum @param {OccupiedArea} occupied */
function sumAt({ x, y, width, height }, sum, occupied) {
  const group = create("g", { class: "sum" });
  const wide = sum.length * LETTER + 14;
  const pill = { x: x + Math.max(width / 2 + 6, width - wide), y: y + height + 3, width: wide, height: 16 };
  occupied.add(pill);
  const text = create("text", { x: pill.x + wide / 2, y: pill.y + 11.5, "text-anchor": "middle" });
  text.textContent = sum;
  group.append(create("rect", { ...pill, rx: 8 }), text);
  return group;
}

/** @param {Box} box @param {number} number */
function numberAt({ x, y, width }, number) {
  const group = create("g", { class: "order" });
  const text = create("text", { x: x + width, y: y + 3.5, "text-anchor": "middle" });
  text.textContent = String(number);
  const reach = Math.max(RADIUS, String(number).length * 3 + 4);
  group.append(create("ellipse", { cx: x + width, cy: y, rx: reach, ry: RADIUS }), text);
  return group;
}

/** Its tip is at the start of the arrow. @param {string} id */
function arrowHead(id) {
  const size = { viewBox: "0 0 10 10", markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse" };
  const marker = create("marker", { id, ...size, refX: 10, refY: 5, orient: "auto-start-reverse" });
  marker.append(create("path", { d: "M0 0.5L10 5L0 9.5z" }));
  return marker;
}

/** The occupied area of a drawing, indexed by horizontal bands. */
class OccupiedArea {
  /** @type {Map<number, Box[]>} */
  #bands = new Map();

  /** @param {Box[]} boxes */
  constructor(boxes) {
    for (const box of boxes) this.add(box);
  }

  /** @param {Box} box */
  add(box) {
    for (const band of bandsOf(box)) this.#bands.set(band, [...(this.#bands.get(band) ?? []), box]);
  }

  /** @param {Box} box */
  isFree(box) {
    return bandsOf(box).every((band) => !this.#bands.get(band)?.some((other) => overlap(box, other)));
  }
}

const BAND = 24;

/** @param {Box} box */
function bandsOf({ y, height }) {
  const first = Math.floor(y / BAND);
  const last = Math.floor((y + height) / BAND);
  return Array.from({ length: last - first + 1 }, (_, nr) => first + nr);
}

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
