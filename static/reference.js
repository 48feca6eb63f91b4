/** Names of tensors and functions that lead to their cards, and lines that lead to the editor. */

import { html } from "lit";

/** @import {State} from "./state.js" */

/** @param {State} state @param {string} id */
export function reference(state, id) {
  return html`<button
    class="reference"
    type="button"
    @click=${() => state.open(id)}
    @pointerenter=${() => (state.hovered.value = id)}
    @pointerleave=${() => (state.hovered.value = null)}
  >${nameOf(state, id)}</button>`;
}

/** @param {State} state @param {string} id @returns {string} */
export function nameOf(state, id) {
  const tensor = state.tensors.value.get(id);
  if (tensor) return tensor.names[0] ?? `(unnamed, ${id})`;
  return state.functions.value.get(id)?.name ?? id;
}

/** @param {number} line @param {(line: number) => void} goTo */
export function lineReference(line, goTo) {
  return html`<button class="reference" type="button" @click=${() => goTo(line)}>line ${line}</button>`;
}
