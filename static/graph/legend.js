/** The meaning of shapes and colours that occur in the drawing. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { classesOf } from "../picture/shapes.js";
import { numberText } from "../text/number.js";

/** @import {State} from "../state/state.js" */

const ORDER = ["parameter", "leaf", "intermediate", "constant", "function", "fold", "cut", "error"];

const MEANING = {
  dead: "⋯ zero",
  vanishing: "-·- vanishing: under a millionth of the first",
  exploding: "exploding: over a million times the first",
  bad: "not finite",
};

/** The arrows' widths: by the logarithm. @param {import("../state/magnitude.js").Range} range */
function rangeText({ least, greatest }) {
  if (!Number.isFinite(least)) return "";
  const [from, to] = [least, greatest].map((norm) => numberText(Number(norm.toPrecision(2))));
  return from === to ? `‖grad‖ ${to}` : `— ‖grad‖ ${from} … ━ ${to}`;
}

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createLegend(parent, { state }) {
  effect(() => {
    const boxes = state.layout.value?.boxes ?? [];
    const kinds = new Set(boxes.flatMap(({ kind }) => classesOf(kind).split(" ")));
    const shown = state.document.value ? ORDER.filter((kind) => kinds.has(kind)) : ["leaf", "intermediate", "function"];
    const range = state.gradientRange.value;
    render(
      html`${shown.map((kind) => html`<li><span class=${`swatch ${kind}`}></span>${kind}</li>`)}
      ${range ? html`<li class="marked">${rangeText(range)}</li>` : nothing}
      ${[...(range?.marks ?? [])].map((mark) => html`<li class="marked">${MEANING[mark ?? "dead"]}</li>`)}`,
      parent,
    );
  });
}
