/** The drawn graph: elements made from the server's layout. Another layout moves those that are in both. */

import { animateFrom, create, motionIsWanted, setAttribute } from "./svg.js";
import { inCurves, pathData, pointsAlong } from "./curve.js";
import { classesOf, openerOf, outlinesOf, rectangle, textsOf } from "./shapes.js";

/**
 * @import {Layout, PlacedBox, PlacedEdge, PlacedFold, PlacedFrame} from "../state/types.js"
 * @import {Point} from "./curve.js"
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * One drawn box. `subject` is the tensor or function that it stands for, or the fold itself: a leaf
 * that is used several times has several nodes. `members` are the functions in it.
 * @typedef {{id: string, element: SVGElement, subject: string, kind: string, box: Box, rows: string[],
 *   texts: Element[], members: string[], fold: PlacedFold | null, inside: PlacedBox["inside"], frame: string | null,
 *   into: Node[], from: Node[], edges: Edge[]}} Node
 * @typedef {{id: string, element: SVGElement, tail: string, head: string, points: Point[], tip: Point,
 *   at: (share: number) => Point}} Edge
 * @typedef {{id: string, element: SVGElement, box: Box, title: string, fold: PlacedFold, frame: string | null}} Frame
 */

const HEAD = 3; // half the width of an arrow's head
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

export class Picture {
  drawing = create("g", { class: "graph", role: "presentation" });
  /** In reading order, top to bottom. @type {Node[]} */
  nodes = [];
  /** @type {Edge[]} */
  edges = [];
  /** Outer frames first. @type {Frame[]} */
  frames = [];
  /** @type {Box} */
  box = NOWHERE;
  /** The part that is connected by arrows. @type {Box} */
  main = NOWHERE;
  isFolded = false;
  #frames = create("g", { "aria-hidden": "true" });
  #edges = create("g", { "aria-hidden": "true" });
  #nodes = create("g", { role: "presentation" });
  /** Elements by id, with what they were made from. @type {Map<string, {element: SVGElement, made: string}>} */
  #elements = new Map();

  constructor() {
    this.drawing.append(this.#frames, this.#edges, this.#nodes);
  }

  /**
   * Draws a layout. What was there already moves to its new place, if it is of the same graph.
   * @param {Layout | null} layout @param {{isSameGraph: boolean, shift: Point}} options `shift`: how far the
   *   view goes along, so that what was touched stays where it is
   */
  show(layout, { isSameGraph, shift }) {
    const before = isSameGraph && motionIsWanted() ? this.#places() : null;
    const kept = new Set();
    const frames = layout?.frames.filter(({ title }) => title) ?? [];
    this.frames = frames.map((each) => this.#frame(each, kept));
    this.edges = (layout?.edges ?? []).flatMap((each) => this.#edge(each, layout?.boxes ?? [], kept));
    this.nodes = (layout?.boxes ?? []).map((each) => this.#node(each, kept));
    this.nodes.sort((a, b) => middle(a).y - middle(b).y || a.box.x - b.box.x);
    this.isFolded = layout?.folded ?? false;
    for (const [id, { element }] of this.#elements) {
      if (kept.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    inOrder(this.#frames, this.frames);
    inOrder(this.#edges, this.edges);
    inOrder(this.#nodes, this.nodes);
    this.#connect();
    const joined = this.nodes.filter((node) => node.edges.length > 0);
    this.box = around([...this.nodes, ...this.frames]);
    this.main = joined.length ? around([...joined, ...this.frames]) : this.box;
    if (before) this.#moveFrom(before, shift);
  }

  /** The node or the frame of a fold. @param {string} id */
  placeOf(id) {
    return this.nodes.find((each) => each.id === id) ?? this.frames.find((each) => each.id === id);
  }

  /** An element, made again only if it looks otherwise. @param {string} id @param {string} made from what @param {() => SVGElement} make */
  #element(id, made, make) {
    const old = this.#elements.get(id);
    if (old?.made === made) return old.element;
    const element = make();
    if (old) {
      old.element.replaceChildren(...element.childNodes);
      for (const name of old.element.getAttributeNames()) if (name !== "tabindex") old.element.removeAttribute(name);
      for (const { name, value } of element.attributes) old.element.setAttribute(name, value);
    }
    this.#elements.set(id, { element: old?.element ?? element, made });
    return old?.element ?? element;
  }

  /** @param {PlacedBox} box @param {Set<string>} kept @returns {Node} */
  #node(box, kept) {
    const { id, kind, x, y, width, height, rows, fold, functions, frame, inside } = box;
    const element = this.#element(id, JSON.stringify([kind, width, height, rows, Boolean(fold)]), () => {
      const group = create("g", { id, class: `node ${classesOf(kind)}`, role: "option" });
      group.append(...outlinesOf(box), ...textsOf(box), ...(fold?.can_open ? [openerOf(box)] : []));
      for (const child of group.children) child.setAttribute("aria-hidden", "true"); // labels say the same
      return group;
    });
    kept.add(id);
    setAttribute(element, "transform", `translate(${x} ${y})`);
    const place = { x: x - width / 2, y: y - height / 2, width, height };
    const texts = [...element.querySelectorAll("text")];
    const subject = id.replace(/-use\d+$/, ""); // "t1-use2" is a use of "t1"
    const parts = { members: functions ?? [], fold, inside, frame, into: [], from: [], edges: [] };
    return { id, element, subject, kind, box: place, rows, texts, ...parts };
  }

  /** @param {PlacedEdge} edge @param {PlacedBox[]} boxes @param {Set<string>} kept @returns {Edge[]} */
  #edge({ id, tail, head, points: given, tip: end, label, label_at: at, carried }, boxes, kept) {
    const points = /** @type {Point[]} */ (given);
    const last = points.at(-1);
    if (!last) return [];
    const tip = /** @type {Point} */ (end ?? last);
    const red = ["cut", "error"].find((kind) =>
      boxes.some((box) => box.kind === kind && (box.id === head || box.id === tail)),
    );
    const element = this.#element(id, JSON.stringify([red, carried, label]), () => {
      const group = create("g", { id, class: `edge${red ? ` ${red}` : ""}${carried ? " carried" : ""}` });
      group.append(create("path", { fill: "none" }), create("polygon"));
      const text = create("text", { "text-anchor": "middle", "font-size": 9 });
      text.textContent = label;
      if (label) group.append(text);
      return group;
    });
    kept.add(id);
    const [path, arrow, text] = element.children;
    if (path) setAttribute(path, "d", pathData(points));
    if (arrow) setAttribute(arrow, "points", arrowHead(last, tip));
    if (text && at) {
      setAttribute(text, "x", String(at[0]));
      setAttribute(text, "y", String(/** @type {number} */ (at[1]) + 3));
    }
    return [{ id, element, tail, head, points, tip, at: pointsAlong([...points, last, tip, tip]) }];
  }

  /** @param {PlacedFrame} frame @param {Set<string>} kept @returns {Frame} */
  #frame({ id, title, x, y, width, height, fold, frame }, kept) {
    const element = this.#element(`frame ${id}`, JSON.stringify([title, width, height]), () => {
      const group = create("g", { class: "frame", "data-frame": id });
      const bar = create("g", { class: "frame-title" });
      const text = create("text", { x: 24 - width / 2, y: 15 - height / 2, "font-size": 11 });
      text.textContent = title;
      const across = `M${9 - width / 2} ${11 - height / 2}h8`;
      bar.append(
        create("rect", {
          x: 2 - width / 2,
          y: 1 - height / 2,
          width: Math.min(width - 4, 34 + title.length * 6.8),
          height: 20,
          rx: 6,
        }),
        create("path", { d: across }),
        text,
      );
      group.append(create("path", { d: rectangle(width / 2, height / 2, 9), fill: "none" }), bar);
      return group;
    });
    kept.add(`frame ${id}`);
    setAttribute(element, "transform", `translate(${x + width / 2} ${y + height / 2})`);
    return { id, element, box: { x, y, width, height }, title, fold, frame };
  }

  #connect() {
    const byId = new Map(this.nodes.map((node) => [node.id, node]));
    for (const edge of this.edges) {
      const from = byId.get(edge.tail);
      const to = byId.get(edge.head);
      if (!from || !to) continue;
      from.into.push(to);
      to.from.push(from);
      from.edges.push(edge);
      to.edges.push(edge);
    }
  }

  #places() {
    const paths = new Map(this.edges.map(({ id, points }) => [id, points]));
    const parts = [...this.nodes, ...this.frames];
    return { boxes: new Map(parts.map(({ id, box, frame }) => [id, { box, frame }])), paths };
  }

  /** @param {{boxes: Map<string, {box: Box, frame: string | null}>, paths: Map<string, Point[]>}} before @param {Point} shift */
  #moveFrom({ boxes, paths }, [dx, dy]) {
    const parts = [...this.nodes, ...this.frames];
    const frames = new Map(parts.map(({ id, frame }) => [id, frame]));
    /** What was in a fold that is closed now comes out of it, and what a fold was closed around goes in. @param {string | null} id */
    const nearest = (id) => {
      for (let at = id; at !== null; at = frames.get(at) ?? null) {
        const found = boxes.get(at);
        if (found) return found.box;
      }
      return null;
    };
    for (const part of parts) {
      const old = nearest(part.id);
      const [from, to] = [old && middle({ box: old }), middle(part)];
      const isNew = !boxes.has(part.id);
      const start = from ? `translate(${from.x + dx}px, ${from.y + dy}px)` : `translate(${to.x}px, ${to.y}px)`;
      const small =
        old && "title" in part
          ? ` scale(${old.width / part.box.width}, ${old.height / part.box.height})`
          : isNew
            ? " scale(0.2)"
            : "";
      const opacity = isNew ? { opacity: 0 } : {};
      const now = {
        transform: `translate(${to.x}px, ${to.y}px)${small ? " scale(1)" : ""}`,
        ...(isNew ? { opacity: 1 } : {}),
      };
      animateFrom(part.element, { transform: start + small, ...opacity }, now);
    }
    for (const { id, element, points } of this.edges) {
      const old = paths.get(id);
      const path = element.querySelector("path");
      if (!old || !path) animateFrom(element, { opacity: 0 }, { opacity: 1 });
      else {
        const count = Math.max(old.length, points.length) / 3;
        const moved = old.map(([x, y]) => /** @type {Point} */ ([x + dx, y + dy]));
        const data = (/** @type {Point[]} */ each) => ({ d: `path("${pathData(inCurves(each, Math.floor(count)))}")` });
        animateFrom(path, /** @type {Keyframe} */ (data(moved)), /** @type {Keyframe} */ (data(points)));
        for (const child of [...element.children].slice(1)) animateFrom(child, { opacity: 0 }, { opacity: 1 });
      }
    }
  }
}

/** @param {{box: Box}} node */
export function middle({ box }) {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** @param {{box: Box}[]} parts @returns {Box} */
function around(parts) {
  if (!parts.length) return NOWHERE;
  const x = Math.min(...parts.map(({ box }) => box.x));
  const y = Math.min(...parts.map(({ box }) => box.y));
  const right = Math.max(...parts.map(({ box }) => box.x + box.width));
  const bottom = Math.max(...parts.map(({ box }) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Only what is out of order is inserted again: it loses the focus. @param {Element} parent @param {{element: Element}[]} parts */
function inOrder(parent, parts) {
  parts.forEach(({ element }, nr) => {
    const there = parent.children[nr] ?? null;
    if (there !== element) parent.insertBefore(element, there);
  });
}

/** @param {Point} from @param {Point} tip */
function arrowHead([x, y], [tipX, tipY]) {
  const length = Math.hypot(tipX - x, tipY - y) || 1;
  const [across, down] = [((tipY - y) / length) * HEAD, ((tipX - x) / length) * HEAD];
  return `${x - across},${y + down} ${tipX},${tipY} ${x + across},${y - down}`;
}
