/** The server's SVG as elements of this page. This is the only place where it is sanitized and inserted. */

import DOMPurify from "dompurify";

/**
 * @import {Box} from "./viewport.js"
 *
 * One drawn node. `subject` is the tensor or function that it stands for: a leaf that is used
 * several times has several nodes.
 * @typedef {{element: SVGGElement, subject: string, box: DOMRect, into: Node[], from: Node[], edges: SVGGElement[]}} Node
 * @typedef {{drawing: SVGGElement, nodes: Node[], edges: SVGGElement[], box: Box,
 *   main: Box}} Picture `main` is the part that is connected by arrows
 */

const ALLOWED = {
  USE_PROFILES: { svg: true },
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
  FORBID_TAGS: ["a", "image", "style", "use", "filter", "foreignObject"],
  FORBID_ATTR: ["style", "href", "xlink:href", "target"],
};

/** @param {string} svg @returns {SVGGElement | null} the drawing, harmless, in Graphviz's coordinates */
export function cleanDrawing(svg) {
  const fragment = DOMPurify.sanitize(svg, ALLOWED);
  const drawing = /** @type {SVGGElement | null} */ (fragment.querySelector("g.graph"));
  if (!drawing) return null;
  drawing.removeAttribute("transform");
  // Titles would be shown as tooltips and read out in addition to our labels.
  for (const title of drawing.querySelectorAll("title")) title.remove();
  for (const background of drawing.querySelectorAll(":scope > polygon")) background.remove();
  return drawing;
}

/** @param {SVGGElement} drawing in the page, because boxes are measured @returns {Picture} */
export function readPicture(drawing) {
  const nodes = [...drawing.querySelectorAll("g.node")].map((found) => {
    const element = /** @type {SVGGElement} */ (found);
    /** @type {Node} */
    const node = { element, subject: subjectOf(element.id), box: element.getBBox(), into: [], from: [], edges: [] };
    return node;
  });
  const byId = new Map(nodes.map((node) => [node.element.id, node]));
  const edges = /** @type {SVGGElement[]} */ ([...drawing.querySelectorAll("g.edge")]);
  for (const edge of edges) {
    const [, tail = "", head = ""] = edge.id.split("--");
    const from = byId.get(tail);
    const to = byId.get(head);
    if (!from || !to) continue;
    from.into.push(to);
    to.from.push(from);
    from.edges.push(edge);
    to.edges.push(edge);
  }
  // Reading order is top to bottom; edges are below the nodes.
  nodes.sort((a, b) => middle(a).y - middle(b).y || a.box.x - b.box.x);
  drawing.append(...edges, ...nodes.map((node) => node.element));
  for (const edge of edges) edge.setAttribute("aria-hidden", "true");
  const joined = nodes.filter((node) => node.edges.length > 0);
  const box = around(nodes);
  return { drawing, nodes, edges, box, main: joined.length ? around(joined) : box };
}

/** @param {Node} node */
export function middle({ box }) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** @param {Node[]} nodes @returns {Box} */
function around(nodes) {
  const x = Math.min(...nodes.map(({ box }) => box.x));
  const y = Math.min(...nodes.map(({ box }) => box.y));
  const right = Math.max(...nodes.map(({ box }) => box.x + box.width));
  const bottom = Math.max(...nodes.map(({ box }) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** "t1-use2" is a use of "t1"; the mark of a cut, "cut-t1", is its own subject. @param {string} id */
function subjectOf(id) {
  return id.replace(/-use\d+$/, "");
}
