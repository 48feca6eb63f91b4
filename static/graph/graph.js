/** The drawn graph: the picture, what is highlighted and selected in it, and its labels. */

import { effect, untracked } from "@preact/signals-core";
import { walk } from "./keyboard.js";
import { showStep } from "./show-step.js";
import { showPass } from "./show-pass.js";
import { travel } from "../picture/travel.js";
import { createMinimap } from "./minimap.js";
import { countText } from "../text/number.js";
import { Picture } from "../picture/picture.js";
import { cutSourceOf } from "../state/places.js";
import { create } from "../picture/svg.js";
import { createViewport } from "./viewport.js";
import { createWords } from "./words.js";

/**
 * @import {Node} from "../picture/picture.js"
 * @import {Layout} from "../state/types.js"
 * @import {State} from "../state/state.js"
 * @typedef {{open: (id: string) => void, close: (ids: string[]) => void}} Folds
 */

/** @param {HTMLElement} stage @param {{state: State, folds: Folds, buttons: HTMLElement}} options */
export function createGraph(stage, { state, folds, buttons }) {
  const svg = /** @type {SVGSVGElement} */ (create("svg", { class: "drawing", role: "listbox" }));
  const world = /** @type {SVGGElement} */ (create("g"));
  const picture = new Picture();
  world.append(picture.drawing);
  svg.append(world);
  stage.append(svg, buttons);

  const viewport = createViewport(stage, svg, world, { moved: () => minimap.draw(picture, viewport.seen()) });
  const minimap = createMinimap(stage, { goTo: viewport.centre });
  let graph = /** @type {string | null} */ (null);
  /** The fold that was opened or closed last: it stays where it is. */
  let touched = /** @type {string | null} */ (null);

  /** @param {Layout | null} layout */
  function draw(layout) {
    const before = touched === null ? undefined : picture.placeOf(touched)?.box;
    const hadFocus = picture.nodes.find(({ element }) => element === document.activeElement)?.id;
    const isSameGraph = layout !== null && layout.graph !== null && layout.graph === graph;
    graph = layout?.graph ?? null;
    svg.toggleAttribute("hidden", !layout);
    buttons.hidden = !layout;
    const after = layout && touched !== null && isSameGraph ? placeIn(layout, touched) : null;
    const shift =
      before && after
        ? /** @type {[number, number]} */ ([after.x - before.x - before.width / 2, after.y - before.y])
        : null;
    picture.show(layout, { isSameGraph, shift: shift ?? [0, 0] });
    if (!layout) return minimap.draw(picture, viewport.seen());
    const count = countText(picture.nodes.length, "element");
    svg.setAttribute("aria-label", `Computation graph, ${count}. Use the arrow keys to move and Enter to select.`);
    viewport.show(picture.box, picture.main, { nodes: picture.nodes.length, isSameGraph, shift });
    const again = nodeOf(hadFocus) ?? nodeOf(touched) ?? picture.nodes.find(({ frame }) => frame === touched);
    const current = again ?? picture.nodes[0];
    for (const { element } of picture.nodes)
      element.setAttribute("tabindex", element === current?.element ? "0" : "-1");
    if (hadFocus !== undefined) again?.element.focus({ preventScroll: true });
    touched = null;
  }

  /** @param {string | null | undefined} id */
  const nodeOf = (id) => picture.nodes.find((node) => node.id === id);

  /** @param {EventTarget | null} target @returns {Node | undefined} */
  function nodeAt(target) {
    const element = target instanceof Element ? target.closest("g.node") : null;
    return element ? picture.nodes.find((node) => node.element === element) : undefined;
  }

  const words = createWords(stage, { state });
  svg.addEventListener("pointerover", ({ target }) => {
    const node = nodeAt(target);
    state.hovered.value = node?.subject ?? null;
    words.show(node);
  });
  svg.addEventListener("pointerleave", () => {
    state.hovered.value = null;
    words.show(undefined);
  });
  stage.addEventListener("click", ({ target }) => {
    const node = nodeAt(target);
    const title = target instanceof Element ? target.closest(".frame-title") : null;
    if (node) choose(node);
    else if (title) close(title.closest(".frame")?.getAttribute("data-frame") ?? null);
    else if (target === svg || target === stage) state.select(null);
  });
  svg.addEventListener("focusin", ({ target }) => {
    const node = nodeAt(target);
    if (!node) return;
    for (const { element } of picture.nodes) element.setAttribute("tabindex", element === node.element ? "0" : "-1");
    if (node.element.matches(":focus-visible")) viewport.reveal(node.box);
    state.hovered.value = node.subject;
    words.show(node);
  });
  svg.addEventListener("focusout", () => {
    state.hovered.value = null;
    words.show(undefined);
  });
  svg.addEventListener("keydown", (event) => {
    const node = nodeAt(event.target);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = walk(event.key, node, picture);
    if (next !== undefined) next?.element.focus({ preventScroll: true });
    else if (event.key === "Enter" || event.key === " ") choose(node);
    else if (event.key === "f") close(frameOf(node));
    else return;
    event.preventDefault();
  });
  stage.addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey) return;
    if (key === "+" || key === "=") viewport.larger();
    else if (key === "-") viewport.smaller();
    else if (key === "0") viewport.fit();
  });

  /** The nodes of an element, or the fold that it is in. @param {string | null} id */
  function nodesOf(id) {
    const own = id === null ? [] : picture.nodes.filter(({ subject }) => subject === id);
    if (own.length || id === null) return own;
    const made = state.tensors.value.get(id)?.grad_fn;
    const isIt = (/** @type {string} */ each) =>
      each === id || each === made || state.functions.value.get(each)?.variable === id;
    return picture.nodes.filter(({ members }) => members.some(isIt));
  }

  /** @param {Node} node */
  function choose(node) {
    if (node.fold?.can_open) {
      touched = node.fold.id;
      return folds.open(node.fold.id);
    }
    const id = cutSourceOf(node.subject) ?? node.subject;
    if (state.knows(id)) state.select(id);
  }

  /** The innermost frame with a title around a node. @param {Node} node */
  const frameOf = ({ frame }) => (picture.frames.some(({ id }) => id === frame) ? frame : null);

  /** Closes a fold, and those in it. @param {string | null} id */
  function close(id) {
    if (id === null) return;
    touched = id;
    /** @type {string[]} */
    const closing = [id];
    for (const each of picture.frames) if (each.frame !== null && closing.includes(each.frame)) closing.push(each.id);
    folds.close(closing);
  }

  effect(() => {
    const layout = state.layout.value;
    untracked(() => draw(layout));
  });
  effect(() => {
    void state.layout.value;
    const { hovered, hoveredLine, selected } = state;
    const { made, called } = state.places.value.at(state.stale.value ? null : hoveredLine.value);
    const hot = (/** @type {Node} */ { subject, members }) =>
      subject === hovered.value || made.has(subject) || members.some((id) => made.has(id));
    markPicture(picture, {
      hot,
      warm: ({ subject }) => called.has(subject),
      isSelected: isOneOf(nodesOf(selected.value)),
    });
  });
  effect(() => {
    void state.document.value;
    void state.layout.value;
    showStep(picture, state);
    // Keep the current step of a long graph in view.
    const now = picture.nodes.filter(({ element }) => element.classList.contains("is-now"));
    const next = now.at(-1);
    if (next && !now.some(({ box }) => viewport.shows(box))) viewport.reveal(next.box);
  });
  let before = -1;
  effect(() => {
    void state.document.value;
    void state.layout.value;
    const range = showPass(picture, state);
    untracked(() => void (state.gradientRange.value = range));
    const running = state.executed.value;
    const station = state.station.value;
    if (running !== null && station === before + 1) travel(picture, running);
    before = station;
    const node =
      running === null ? undefined : picture.nodes.find(({ element }) => element.classList.contains("is-running"));
    if (node && !viewport.shows(node.box)) viewport.reveal(node.box);
  });
  effect(() => {
    const id = state.selected.value;
    const nodes = nodesOf(id);
    const seen = nodes.some(({ element }) => element === document.activeElement);
    if (nodes[0] && !seen) viewport.reveal(nodes[0].box);
  });

  for (const [id, act] of Object.entries({ larger: viewport.larger, smaller: viewport.smaller, fit: viewport.fit })) {
    buttons.querySelector(`[data-zoom=${id}]`)?.addEventListener("click", act);
  }
  return {
    /** To be called after a change of theme: the minimap is drawn in the theme's colours. */
    redraw: () => minimap.draw(picture, viewport.seen()),
    /** Shows an open fold. @param {string} id */
    reveal(id) {
      const place = picture.placeOf(id);
      if (place) viewport.reveal(place.box);
    },
    /** @returns {boolean} whether there was something to focus */
    focus() {
      const node = picture.nodes.find(({ element }) => element.getAttribute("tabindex") === "0");
      node?.element.focus({ preventScroll: true });
      return Boolean(node);
    },
  };
}

/** @param {Node[]} nodes @returns {(node: Node) => boolean} */
function isOneOf(nodes) {
  const set = new Set(nodes);
  return (node) => set.has(node);
}

/** The middle of the upper side of a fold in a layout, open or closed. @param {Layout} layout @param {string} id */
function placeIn({ boxes, frames }, id) {
  const box = boxes.find((each) => each.id === id);
  const frame = frames.find((each) => each.id === id);
  if (box) return { x: box.x, y: box.y - box.height / 2 };
  return frame ? { x: frame.x + frame.width / 2, y: frame.y } : null;
}

/**
 * @param {Picture} picture
 * @param {{hot: (node: Node) => boolean, warm: (node: Node) => boolean, isSelected: (node: Node) => boolean}} which
 */
function markPicture({ nodes, edges }, { hot, warm, isSelected }) {
  const litEdges = new Set();
  for (const node of nodes) {
    const isHot = hot(node);
    node.element.classList.toggle("is-hot", isHot);
    node.element.classList.toggle("is-warm", !isHot && warm(node));
    node.element.classList.toggle("is-selected", isSelected(node));
    node.element.setAttribute("aria-selected", String(isSelected(node)));
    if (isHot) for (const edge of node.edges) litEdges.add(edge);
  }
  for (const edge of edges) edge.element.classList.toggle("is-hot", litEdges.has(edge));
}
