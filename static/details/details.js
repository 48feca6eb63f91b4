/** The card of what is selected; of the whole run when nothing is. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { functionCard } from "./function-card.js";
import { overview } from "./overview.js";
import { tensorCard } from "./tensor-card.js";

/**
 * @import {Context} from "../text/reference.js"
 */

/** @param {HTMLElement} parent @param {Context} options */
export function createDetails(parent, options) {
  const { state } = options;
  effect(() => {
    const id = state.selected.value;
    const tensor = id === null ? undefined : state.tensors.value.get(id);
    const found = id === null ? undefined : state.functions.value.get(id);
    let card;
    if (tensor) card = tensorCard(tensor, options);
    else if (found) card = functionCard(found, options);
    else if (id === "error") card = errorCard(options);
    else card = overview(options);
    render(card, parent);
    parent.scrollTop = 0;
  });
}

/** @param {Context} context */
function errorCard({ state, goTo }) {
  const error = state.document.value?.error;
  if (!error) return nothing;
  return html`<article class="card">
    <span class="role error">error</span>
    <h3 class="card-name">${error.type}</h3>
    <p class="prose">${error.message}</p>
    ${
      error.line === null
        ? nothing
        : html`<button class="reference" type="button" @click=${() => goTo(error.line ?? 1)}>line ${error.line}</button>`
    }
  </article>`;
}
