/** The meaning of shapes and colours that occur in the drawing. */

import { html, render } from "lit";
import { effect } from "@preact/signals-core";
import { classesOf } from "../picture/shapes.js";

/** @import {State} from "../state/state.js" */

const ORDER = ["parameter", "leaf", "intermediate", "constant", "function", "fold", "cut", "error"];

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createLegend(parent, { state }) {
  effect(() => {
    const boxes = state.layout.value?.boxes ?? [];
    const kinds = new Set(boxes.flatMap(({ kind }) => classesOf(kind).split(" ")));
    const shown = state.document.value ? ORDER.filter((kind) => kinds.has(kind)) : ["leaf", "intermediate", "function"];
    render(
      shown.map((kind) => html`<li><span class=${`swatch ${kind}`}></span>${kind}</li>`),
      parent,
    );
  });
}
