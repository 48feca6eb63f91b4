/** Where one is among the folds: the way to the one that was opened last, and back to the first view. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";

/**
 * @import {Layout, PlacedFrame} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const MOST_NODES = 500; // that are drawn one by one

/**
 * @param {HTMLElement} stage
 * @param {{state: State, folds: {reset: () => void, nodeForNode: () => void}, reveal: (id: string) => void}} options
 */
export function createFoldBar(stage, { state, folds, reveal }) {
  const bar = document.createElement("nav");
  bar.className = "fold-bar";
  bar.setAttribute("aria-label", "Folds");
  stage.append(bar);

  effect(() => {
    const layout = state.layout.value;
    const { open, fold } = state.view.value;
    const isFirst = open === null && fold === null;
    const crumbs = layout?.folded && open ? wayTo(open, layout) : [];
    const mayShowAll = layout?.folded && layout.functions <= MOST_NODES;
    bar.hidden = !layout || (isFirst && !layout.folded);
    render(
      html`${
        crumbs.length
          ? html`<ol>${crumbs.map(
              ({ id, title, fold: { name } }) =>
                html`<li><button class="crumb" type="button" @click=${() => reveal(id)}>${title || name || "program"}</button></li>`,
            )}</ol>`
          : nothing
      }
      ${isFirst ? nothing : html`<button class="chip" type="button" @click=${folds.reset}>Fold again</button>`}
      ${mayShowAll ? html`<button class="chip" type="button" @click=${folds.nodeForNode} title="Every function that PyTorch has, in a box of its own">As PyTorch has it</button>` : nothing}`,
      bar,
    );
  });
}

/** The frames from the program to the fold that was opened last. @param {string[]} open @param {Layout} layout @returns {PlacedFrame[]} */
function wayTo(open, { frames }) {
  const byId = new Map(frames.map((frame) => [frame.id, frame]));
  const last = open.findLast((id) => byId.has(id));
  /** @type {PlacedFrame[]} */
  const way = [];
  for (let at = byId.get(last ?? ""); at; at = byId.get(at.frame ?? "")) way.unshift(at);
  return way.filter(({ title }) => title);
}
