/** The drawn graph: the picture, what is highlighted and selected in it, and its labels. */

import { effect, untracked } from "@preact/signals-core";
import { walk } from "./keyboard.js";
import { showStep } from "./show-step.js";
import { showPass } from "./show-pass.js";
import { createMinimap } from "./minimap.js";
import { countText } from "../text/number.js";
import { cleanDrawing, readPicture } from "./picture.js";
import { cutSourceOf } from "../state/places.js";
import { createViewport } from "./viewport.js";

/**
 * @import {Node, Picture} from "./picture.js"
 * @import {State} from "../state/state.js"
 */

const SVG = "http://www.w3.org/2000/svg";

/** @param {HTMLElement} stage @param {{state: State, buttons: HTMLElement}} options */
export function createGraph(stage, { state, buttons }) {
  const svg = document.createElementNS(SVG, "svg");
  const world = document.createElementNS(SVG, "g");
  svg.classList.add("drawing");
  svg.append(world);
  stage.append(svg, buttons);

  /** @type {Picture | null} */
  let picture = null;
  const viewport = createViewport(stage, svg, world, { moved: () => minimap.draw(picture, viewport.seen()) });
  const minimap = createMinimap(stage, { goTo: viewport.centre });

  /** @param {string | null} source the server's SVG */
  function draw(source) {
    const hadFocus = svg.contains(document.activeElement) ? document.activeElement?.id : null;
    const drawing = source ? cleanDrawing(source) : null;
    world.replaceChildren(...(drawing ? [drawing] : []));
    svg.toggleAttribute("hidden", !drawing); // a hidden element has no size
    buttons.hidden = !drawing;
    picture = drawing && readPicture(drawing);
    if (!picture) return minimap.draw(null, viewport.seen());
    labelPicture(svg, picture);
    viewport.show(picture.box, picture.main, picture.nodes.length);
    const again = picture.nodes.find(({ element }) => element.id === hadFocus);
    again?.element.focus({ preventScroll: true });
  }

  /** @param {EventTarget | null} target @returns {Node | undefined} */
  function nodeAt(target) {
    const element = target instanceof Element ? target.closest("g.node") : null;
    return element ? picture?.nodes.find((node) => node.element === element) : undefined;
  }

  svg.addEventListener("pointerover", ({ target }) => {
    state.hovered.value = nodeAt(target)?.subject ?? null;
  });
  svg.addEventListener("pointerleave", () => void (state.hovered.value = null));
  stage.addEventListener("click", ({ target }) => {
    const node = nodeAt(target);
    if (node) choose(node);
    else if (target === svg || target === stage) state.select(null);
  });
  svg.addEventListener("focusin", ({ target }) => {
    const node = nodeAt(target);
    if (!node || !picture) return;
    for (const { element } of picture.nodes) element.tabIndex = element === node.element ? 0 : -1;
    if (node.element.matches(":focus-visible")) viewport.reveal(node.box);
    state.hovered.value = node.subject;
  });
  svg.addEventListener("focusout", () => void (state.hovered.value = null));
  svg.addEventListener("keydown", (event) => {
    const node = nodeAt(event.target);
    if (!node || !picture || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = walk(event.key, node, picture);
    if (next !== undefined) next?.element.focus({ preventScroll: true });
    else if (event.key === "Enter" || event.key === " ") choose(node);
    else return;
    event.preventDefault();
  });
  stage.addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey) return;
    if (key === "+" || key === "=") viewport.larger();
    else if (key === "-") viewport.smaller();
    else if (key === "0") viewport.fit();
  });

  /** @param {Node} node */
  function choose(node) {
    const id = cutSourceOf(node.subject) ?? node.subject;
    if (state.knows(id)) state.select(id);
  }

  effect(() => {
    const drawing = state.drawing.value;
    untracked(() => draw(drawing));
  });
  effect(() => {
    void state.document.value;
    const { hovered, hoveredLine, selected } = state;
    const { made, called } = state.places.value.at(state.stale.value ? null : hoveredLine.value);
    const hot = (/** @type {string} */ id) => id === hovered.value || made.has(id);
    if (picture) markPicture(picture, { hot, warm: (id) => called.has(id), selected: selected.value });
  });
  effect(() => {
    void state.document.value;
    if (!picture) return;
    showStep(picture, state);
    // Keep the current step of a long graph in view.
    const now = picture.nodes.filter(({ element }) => element.classList.contains("is-now"));
    const next = now.at(-1);
    if (next && !now.some(({ box }) => viewport.shows(box))) viewport.reveal(next.box);
  });
  effect(() => {
    void state.document.value;
    if (picture) showPass(picture, state);
  });
  effect(() => {
    const id = state.selected.value;
    const nodes = id === null ? [] : (picture?.nodes.filter(({ subject }) => subject === id) ?? []);
    const seen = nodes.some(({ element }) => element === document.activeElement);
    if (nodes[0] && !seen) viewport.reveal(nodes[0].box);
  });

  for (const [id, act] of Object.entries({ larger: viewport.larger, smaller: viewport.smaller, fit: viewport.fit })) {
    buttons.querySelector(`[data-zoom=${id}]`)?.addEventListener("click", act);
  }
  return {
    /** To be called after a change of theme: the minimap is drawn in the theme's colours. */
    redraw: () => minimap.draw(picture, viewport.seen()),
    /** @returns {boolean} whether there was something to focus */
    focus() {
      const node = picture?.nodes.find(({ element }) => element.tabIndex === 0);
      node?.element.focus({ preventScroll: true });
      return Boolean(node);
    },
  };
}

/**
 * @param {Picture} picture
 * @param {{hot: (id: string) => boolean, warm: (id: string) => boolean, selected: string | null}} which
 */
function markPicture({ nodes, edges }, { hot, warm, selected }) {
  const litEdges = new Set();
  for (const node of nodes) {
    const isHot = hot(node.subject);
    node.element.classList.toggle("is-hot", isHot);
    node.element.classList.toggle("is-warm", !isHot && warm(node.subject));
    node.element.classList.toggle("is-selected", node.subject === selected);
    node.element.setAttribute("aria-selected", String(node.subject === selected));
    if (isHot) for (const edge of node.edges) litEdges.add(edge);
  }
  for (const edge of edges) edge.classList.toggle("is-hot", litEdges.has(edge));
}

/** Roles and a label for assistive technology; labels of nodes depend on the step. @param {SVGSVGElement} svg @param {Picture} picture */
function labelPicture(svg, { drawing, nodes }) {
  drawing.setAttribute("role", "presentation");
  svg.setAttribute("role", "listbox");
  const count = countText(nodes.length, "element");
  svg.setAttribute("aria-label", `Computation graph, ${count}. Use the arrow keys to move and Enter to select.`);
  nodes.forEach(({ element }, nr) => {
    element.setAttribute("role", "option");
    element.tabIndex = nr === 0 ? 0 : -1;
    // Labels include the texts, which would be read twice.
    for (const child of element.children) child.setAttribute("aria-hidden", "true");
  });
}
