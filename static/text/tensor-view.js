/** A tensor to look at: a heat map, a histogram, its numbers, and the Python that makes it. */

import { signal } from "@preact/signals-core";
import { html, nothing, svg } from "lit";
import { elementAt, heatOf, histogramOf, sizeOf } from "../state/heat.js";
import { countText, numberText, shapeText } from "./number.js";
import { pythonOf } from "../state/python.js";
import { valueTable } from "./value.js";

/**
 * @import {TensorValue} from "../state/types.js"
 * @import {Heat, Histogram} from "../state/heat.js"
 */

const SIDE = 224; // pixels of a heat map, at most
const CELL = 14; // of an element, at most
const FEW = 30; // numbers that are listed at once
const COPIED_MS = 1500;
/** As in theme.css; transparent near zero, so that they are right on light and dark. */
const [ABOVE, BELOW, BAD] = [
  [47, 134, 214],
  [224, 118, 28],
  [214, 51, 108],
];

/** The captions whose numbers are listed although they are many. */
const listed = signal(/** @type {Set<string>} */ (new Set()));

/** @param {TensorValue} value @param {string} caption what it is, for screen readers */
export function tensorView(value, caption) {
  const heat = heatOf(value);
  const histogram = histogramOf(value);
  return html`${
    heat || histogram
      ? html`<div class="pictures">${heat ? heatMap(heat, value, caption) : nothing}${histogram ? bars(histogram, caption) : nothing}</div>`
      : nothing
  }${numbersOf(value, caption)}${pythonOf(value) === null ? nothing : copyButton(value, caption)}`;
}

/** @param {TensorValue} value @param {string} caption */
function numbersOf(value, caption) {
  const count = value.data?.length ?? 0;
  if (count <= FEW) return valueTable(value, caption);
  const isOpen = listed.value.has(caption);
  const toggle = (/** @type {Event} */ { target }) => {
    const { open } = /** @type {HTMLDetailsElement} */ (target);
    if (open === isOpen) return;
    const others = [...listed.value].filter((each) => each !== caption);
    listed.value = new Set(open ? [...others, caption] : others);
  };
  return html`<details class="numbers" ?open=${isOpen} @toggle=${toggle}>
    <summary>${countText(count, "number")}</summary>
    ${isOpen ? valueTable(value, caption) : nothing}
  </details>`;
}

/** @param {Heat} heat @param {TensorValue} value @param {string} caption */
function heatMap(heat, value, caption) {
  const { width, height } = sizeOf(heat);
  const cell = Math.max(1, Math.min(CELL, Math.floor(SIDE / Math.max(width, height))));
  const isFinite = heat.least <= heat.most;
  const range = isFinite
    ? `${numberText(heat.least, value.dtype)} to ${numberText(heat.most, value.dtype)}`
    : "none is finite";
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  [canvas.style.width, canvas.style.height] = [`${width * cell}px`, `${height * cell}px`];
  canvas.role = "img";
  canvas.ariaLabel = `heat map of ${caption}, ${shapeText(value.shape)}, ${range}`;
  paint(canvas, heat);
  // Where it is wide it is shown smaller than it was asked to be.
  const place = (/** @type {number} */ offset, /** @type {number} */ shown, /** @type {number} */ count) =>
    Math.max(0, Math.min(count - 1, Math.floor((offset / shown) * count)));
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const [row, column] = [place(offsetY, canvas.clientHeight, height), place(offsetX, canvas.clientWidth, width)];
    const at = elementAt(heat, row, column);
    const output = canvas.parentElement?.querySelector("output");
    if (output) output.value = at === null ? "" : elementText(value, at);
  });
  return html`<figure class="heat">${canvas}
    <figcaption>${isFinite ? html`<span class="scale" aria-hidden="true"></span>` : nothing}${range}<output aria-live="off"></output></figcaption>
  </figure>`;
}

/** One pixel an element. @param {HTMLCanvasElement} canvas @param {Heat} heat */
function paint(canvas, heat) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(canvas.width, canvas.height);
  for (let row = 0; row < canvas.height; row++) {
    for (let column = 0; column < canvas.width; column++) {
      const at = elementAt(heat, row, column);
      if (at === null) continue;
      const share = heat.cells[at] ?? NaN;
      const colour = Number.isNaN(share) ? BAD : share > 0 ? ABOVE : BELOW;
      const strength = Number.isNaN(share) ? 255 : Math.round(12 + 243 * Math.abs(share));
      image.data.set([...(colour ?? []), strength], 4 * (row * canvas.width + column));
    }
  }
  context.putImageData(image, 0, 0);
}

/** `[3, 5] = 0.42` @param {TensorValue} value @param {number} at */
function elementText({ shape, dtype, data }, at) {
  const indices = [];
  let rest = at;
  for (const length of shape.toReversed()) {
    indices.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return `[${indices.join(", ")}] = ${numberText(data?.[at] ?? null, dtype)}`;
}

/** @param {Histogram} histogram @param {string} caption */
function bars({ counts, from, to, nonfinite }, caption) {
  const most = Math.max(...counts);
  const path = counts.map((count, nr) => (count ? `M${nr * 5} 40h4v${-Math.max(1, (38 * count) / most)}h-4z` : ""));
  const range = `${numberText(from)} to ${numberText(to)}`;
  const zero = from < 0 && to > 0 ? (120 * -from) / (to - from) : null;
  return html`<figure class="histogram">
    <svg viewBox="0 0 120 40" role="img" aria-label=${`histogram of ${caption}, ${range}, at most ${most} in one of ${counts.length} bins`}>
      <path d=${path.join("")}></path>${zero === null ? nothing : svg`<path class="zero" d="M${zero} 0V40"></path>`}
    </svg>
    <figcaption><span>${numberText(from)}</span><span>${numberText(to)}</span></figcaption>
    ${nonfinite ? html`<p class="tag bad">${nonfinite.toLocaleString("en")} not finite</p>` : nothing}
  </figure>`;
}

/** @param {TensorValue} value @param {string} caption */
function copyButton(value, caption) {
  const copy = async (/** @type {Event} */ { currentTarget }) => {
    const button = /** @type {HTMLButtonElement} */ (currentTarget);
    const text = pythonOf(value) ?? "";
    const done = await navigator.clipboard.writeText(text).then(
      () => "Copied",
      () => "The browser did not allow it",
    );
    button.textContent = done;
    setTimeout(() => (button.textContent = "Copy as Python"), COPIED_MS);
  };
  return html`<button class="chip copy" type="button" title=${`The Python that makes this ${caption}`} @click=${copy}>Copy as Python</button>`;
}
