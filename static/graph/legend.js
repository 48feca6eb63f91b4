/** The meaning of shapes and colours that occur in the drawing. */

import { html, render } from "lit";
import { effect } from "@preact/signals-core";

/** @import {State} from "../state/state.js" */

const ORDER = ["parameter", "leaf", "intermediate", "constant", "function", "cut", "error"];
const NODE = /class="node (?:tensor |proxy )?(\w+)/g;

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createLegend(parent, { state }) {
  effect(() => {
    const document = state.document.value;
    const svg = document?.picture?.svg ?? "";
    const kinds = new Set([...svg.matchAll(NODE)].map(([, kind]) => kind));
    const shown = document ? ORDER.filter((kind) => kinds.has(kind)) : ["leaf", "intermediate", "function"];
    render(
      shown.map((kind) => html`<li><span class=${`swatch ${kind}`}></span>${kind}</li>`),
      parent,
    );
  });
}
