/** What the program printed, drew and evaluated, and what the run cost. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { durationText } from "./number.js";
import { lineReference } from "./reference.js";

/**
 * @import {State} from "./state.js"
 * @import {Figure, RunDocument} from "./types.js"
 */

/** @param {HTMLElement} parent @param {{state: State, count: HTMLElement, goTo: (line: number) => void}} options */
export function createOutput(parent, { state, count, goTo }) {
  effect(() => {
    const document = state.document.value;
    count.textContent = document ? countOf(document) : "";
    render(document ? output(document, goTo) : html`<p class="muted empty-card">Nothing has run yet.</p>`, parent);
  });
}

/** Lines and figures. @param {RunDocument} document */
function countOf({ stdout, stderr, figures, result }) {
  const lines = (stdout + stderr).split("\n").filter(Boolean).length + figures.length + (result ? 1 : 0);
  return lines ? String(lines) : "";
}

/** @param {RunDocument} document @param {(line: number) => void} goTo */
function output(document, goTo) {
  const { stdout, stderr, result, figures } = document;
  const silent = !stdout && !stderr && !result && figures.length === 0;
  return html`
    ${silent ? html`<p class="muted">The program printed nothing.</p>` : nothing}
    ${printed("stdout", stdout, document.stdout_truncated)}
    ${result
      ? html`<section><h3>value of the last expression</h3><pre class="printed result">${result.repr}</pre></section>`
      : nothing}
    ${printed("stderr", stderr, document.stderr_truncated)}
    ${figures.map((figure, nr) => figureOf(figure, nr + 1, goTo))}
    ${cost(document)}
  `;
}

/** @param {"stdout" | "stderr"} stream @param {string} text @param {boolean} truncated */
function printed(stream, text, truncated) {
  if (!text) return nothing;
  return html`<section>
    <h3>${stream}</h3>
    <pre class=${`printed ${stream}`} tabindex="0" aria-label=${stream}>${text}</pre>
    ${truncated ? html`<p class="muted cut">More was written than is kept; the rest is not shown.</p>` : nothing}
  </section>`;
}

/** @param {Figure} figure @param {number} nr @param {(line: number) => void} goTo */
function figureOf({ format, data, line }, nr, goTo) {
  // As an image, an SVG runs no script and loads nothing.
  const source =
    format === "svg" ? `data:image/svg+xml,${encodeURIComponent(data)}` : `data:image/png;base64,${data}`;
  return html`<figure class="figure">
    <img src=${source} alt=${`Figure ${nr} of the program`} />
    <figcaption>Figure ${nr}${line === null ? nothing : html`, shown at ${lineReference(line, goTo)}`}</figcaption>
  </figure>`;
}

/** @param {RunDocument} document */
function cost({ limits, timing }) {
  const { reached, cpu_ms, peak_memory_mb } = limits;
  return html`<footer class="cost">
    <dl class="fields">
      <dt>run</dt><dd>${durationText(timing.run_ms)}</dd>
      <dt>waited</dt><dd>${durationText(timing.queue_ms)}</dd>
      <dt>in all</dt><dd>${durationText(timing.total_ms)}</dd>
      ${cpu_ms === null ? nothing : html`<dt>CPU</dt><dd>${durationText(cpu_ms)}</dd>`}
      ${peak_memory_mb === null ? nothing : html`<dt>memory</dt><dd>${peak_memory_mb.toFixed(1)} MB</dd>`}
      ${reached.length ? html`<dt>limits reached</dt><dd>${reached.join(", ")}</dd>` : nothing}
    </dl>
  </footer>`;
}
