/** What the shapes and colours mean; only those that the drawing has. */

import { html, render } from "lit";
import { effect } from "@preact/signals-core";

/** @import {State} from "./state.js" */

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createLegend(parent, { state }) {
  effect(() => {
    const graph = state.document.value?.graph;
    const kinds = graph
      ? [...new Set([...graph.tensors.map(({ role }) => role), ...(graph.functions.length ? ["function"] : [])])]
      : ["leaf", "intermediate", "function"];
    if (state.document.value?.error) kinds.push("error");
    const order = ["parameter", "leaf", "intermediate", "constant", "function", "error"];
    const shown = order.filter((kind) => kinds.includes(kind));
    render(shown.map((kind) => html`<li><span class=${`swatch ${kind}`}></span>${kind}</li>`), parent);
  });
}
