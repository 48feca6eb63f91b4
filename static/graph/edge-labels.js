/** Text on the arrows of the drawn graph, and numbers at its functions, without a new layout. */

/**
 * @import {Picture} from "./picture.js"
 * @import {Box} from "./viewport.js"
 *
 * @typedef {{text: string, isBad: boolean}} Label an empty text colours the arrow alone
 */

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 6; // width of a character at 10 pixels
const LINE = 12;
const BESIDE = 6;
const PLACES = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95];
const RADIUS = 8;

/**
 * Replaces earlier labels; arrows with a label point backward.
 * @param {Picture} picture
 * @param {{labels: Map<string, Label>, numbers: Map<string, number>}} shown by the ids of arrows and nodes
 */
export function showLabels({ drawing, nodes, edges }, { labels, numbers }) {
  drawing.querySelectorAll(":scope > :is(g.gradients, marker)").forEach((old) => old.remove());
  const layer = create("g", { class: "gradients", "aria-hidden": "true" });
  const occupied = new OccupiedArea(nodes.map(({ box }) => box));
  // Measure everything before changing anything, to avoid a new layout for each path.
  for (const edge of edges) {
    const label = labels.get(edge.id);
    const path = label && edge.querySelector("path");
    if (!label || !path) continue;
    layer.append(restOf(path, edge));
    if (label.text) layer.append(textOn(path, label, occupied));
  }
  for (const edge of edges) mark(edge, labels.get(edge.id));
  for (const { element, box } of nodes) {
    const number = numbers.get(element.id);
    if (number !== undefined) layer.append(numberAt(box, number));
  }
  if (layer.childNodes.length) drawing.append(arrowHead("gradient-arrow"), arrowHead("gradient-bad"), layer);
}

/** @param {SVGGElement} edge @param {Label | undefined} label */
function mark(edge, label) {
  edge.classList.toggle("has-gradient", label !== undefined);
  edge.classList.toggle("is-bad", label?.isBad ?? false);
  const path = edge.querySelector("path");
  if (!label) path?.removeAttribute("marker-start");
  else path?.setAttribute("marker-start", `url(#${label.isBad ? "gradient-bad" : "gradient-arrow"})`);
}

/** From the end of the path, where the arrow head began, to the node. @param {SVGPathElement} path @param {Element} edge */
function restOf(path, edge) {
  const from = path.getPointAtLength(path.getTotalLength());
  const to = edge.querySelector("polygon")?.points.getItem(1) ?? from;
  return create("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
}

/** Beside the path, in free space if there is any. @param {SVGPathElement} path @param {Label} label @param {OccupiedArea} occupied */
function textOn(path, { text, isBad }, occupied) {
  const length = path.getTotalLength();
  const width = text.length * LETTER;
  const boxes = PLACES.flatMap((share) => {
    const { x, y } = path.getPointAtLength(length * share);
    return [x + BESIDE, x - BESIDE - width].map((left) => ({ x: left, y: y - LINE / 2, width, height: LINE }));
  });
  const box = /** @type {Box} */ (boxes.find((each) => occupied.isFree(each)) ?? boxes[0]);
  occupied.add(box);
  const element = create("text", { x: box.x, y: box.y + LINE - 3, class: isBad ? "is-bad" : "" });
  element.textContent = text;
  return element;
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

/** @param {string} name @param {Record<string, string | number>} attributes */
function create(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
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
