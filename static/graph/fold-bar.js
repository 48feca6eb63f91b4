/** Where one is among the folds: the way to the one that was opened last, and back to the first view. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";

/**
 * @import {Layout, PlacedFrame} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const MOST_NODES = 500; // that are drawn one by one
const FOLDED_ABOVE = 30; // functions, as in app/gradfn/render/choice.py

/**
 * @param {HTMLElement} stage
 * @param {{state: State, folds: {reset: () => void, nodeForNode: () => void, toggleRows: () => void}, reveal: (id: string) => void}} options
 */
export function createFoldBar(stage, { state, folds, reveal }) {
  const bar = document.createElement("nav");
  bar.className = "fold-bar";
  bar.setAttribute("aria-label", "Folds");
  stage.append(bar);

  effect(() => {
    const layout = state.layout.value;
    const { open, fold, compact, merged } = state.view.value;
    const isFirst = open === null && fold === null && merged;
    const crumbs = layout?.folded && open ? wayTo(open, layout) : [];
    const mayShowAll = layout && merged && layout.functions > 0 && layout.functions <= MOST_NODES;
    const hasRows = layout && !layout.folded && layout.boxes.some(({ rows, kind }) => isTensor(kind) && hasValue(rows));
    bar.hidden = !layout;
    render(
      html`${
        crumbs.length
          ? html`<ol>${crumbs.map(
              ({ id, title, fold: { name } }) =>
                html`<li><button class="crumb" type="button" @click=${() => reveal(id)}>${title || name || "program"}</button></li>`,
            )}</ol>`
          : nothing
      }
      ${isFirst ? nothing : html`<button class="chip" type="button" @click=${folds.reset}>${layout?.folded || (layout?.functions ?? 0) > FOLDED_ABOVE ? "Fold again" : "Simplify"}</button>`}
      ${mayShowAll ? html`<button class="chip" type="button" @click=${folds.nodeForNode} title="Every function that PyTorch has, in a box of its own">As PyTorch has it</button>` : nothing}
      ${hasRows ? html`<button class="chip" type="button" aria-pressed=${String(!compact)} @click=${folds.toggleRows} title="is_leaf, requires_grad, grad and grad_fn of every tensor">All rows</button>` : nothing}`,
      bar,
    );
  });
}

/** @param {string} kind */
const isTensor = (kind) => /^(leaf|parameter|intermediate|constant)$/.test(kind);

/** Large drawings have shapes instead of values. @param {string[]} rows */
const hasValue = (rows) => rows.some((row) => row.includes("= ") || row.startsWith("grad "));

/** The frames from the program to the fold that was opened last. @param {string[]} open @param {Layout} layout @returns {PlacedFrame[]} */
function wayTo(open, { frames }) {
  const byId = new Map(frames.map((frame) => [frame.id, frame]));
  const last = open.findLast((id) => byId.has(id));
  /** @type {PlacedFrame[]} */
  const way = [];
  for (let at = byId.get(last ?? ""); at; at = byId.get(at.frame ?? "")) way.unshift(at);
  return way.filter(({ title }) => title);
}
