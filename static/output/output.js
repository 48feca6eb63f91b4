/** The output of the program: text, figures, the last expression, and the cost of the run; of a live run, so far. */

import { html, nothing, render } from "lit";
import { effect, signal } from "@preact/signals-core";
import { bytesText, durationText } from "../text/number.js";
import { lineReference } from "../text/reference.js";

/**
 * @import {State} from "../state/state.js"
 * @import {Live} from "../state/live.js"
 * @import {Figure, RunDocument, WrittenFile} from "../state/types.js"
 * @typedef {Pick<RunDocument, "stdout" | "stdout_truncated" | "stderr" | "stderr_truncated" | "result" | "figures" | "files">} Output
 */

/** @param {HTMLElement} parent @param {{state: State, live: Live, count: HTMLElement, goTo: (line: number) => void, enter: (text: string) => Promise<void>}} options */
export function createOutput(parent, { state, live, count, goTo, enter }) {
  /** The chosen frame of each animation, by its line; the last frame if none was chosen. */
  const frames = signal(/** @type {Record<string, number>} */ ({}));
  effect(() => {
    const isLive = live.status.value !== "ended" || state.isLive.value;
    const document = state.document.value;
    const shown = isLive ? liveOutput(live, document?.files ?? []) : document;
    const graph = document?.picture?.graph;
    const address = live.address.value ?? (graph ? `/api/v1/graph/${graph}` : null);
    count.textContent = shown ? countOf(shown) : "";
    if (shown)
      render(
        html`${output(shown, frames, goTo, isLive && live.asks.value ? inputForm(shown.stdout, enter) : nothing)}${writtenFiles(shown.files, address)}${document && !isLive ? cost(document) : nothing}`,
        parent,
      );
    else render(html`<p class="muted empty-card">Nothing has run yet.</p>`, parent);
  });
  effect(() => {
    if (!live.asks.value) return;
    state.tab.value = "output";
    state.pane.value = "details";
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (parent.querySelector("#program-input"))?.focus());
  });
  effect(() => {
    // The first figure is shown, unless something is selected.
    if (live.figures.value.length === 1 && state.selected.peek() === null) state.tab.value = "output";
  });
}

/** @param {Live} live @param {WrittenFile[]} files @returns {Output} */
function liveOutput({ stdout, stderr, figures }, files) {
  const all = { stdout: stdout.value, stderr: stderr.value, figures: figures.value, files };
  return { ...all, stdout_truncated: false, stderr_truncated: false, result: null };
}

/** Lines and figures. @param {Output} shown */
function countOf({ stdout, stderr, figures, result }) {
  const lines = (stdout + stderr).split("\n").filter(Boolean).length + figures.length + (result ? 1 : 0);
  return lines ? String(lines) : "";
}

/** @param {Output} shown @param {import("@preact/signals-core").Signal<Record<string, number>>} frames @param {(line: number) => void} goTo @param {unknown} asked */
function output(shown, frames, goTo, asked) {
  const { stdout, stderr, result, figures, files } = shown;
  const silent = !stdout && !stderr && !result && figures.length + files.length === 0 && asked === nothing;
  return html`
    ${silent ? html`<p class="muted">The program printed nothing.</p>` : nothing}
    ${printed("stdout", stdout, shown.stdout_truncated)}
    ${asked}
    ${
      result
        ? html`<section><h3>value of the last expression</h3><pre class="printed result">${result.repr}</pre></section>`
        : nothing
    }
    ${printed("stderr", stderr, shown.stderr_truncated)}
    ${animations(figures).map((drawn, nr) => {
      const key = String(drawn[0]?.line);
      const at = Math.min(frames.value[key] ?? Infinity, drawn.length - 1);
      const choose = (/** @type {number} */ frame) => {
        frames.value = { ...frames.value, [key]: frame === drawn.length - 1 ? Infinity : frame };
      };
      const figure = drawn[at];
      return figure ? figureOf(figure, nr + 1, { at, count: drawn.length, choose }, goTo) : nothing;
    })}
  `;
}

/** Where the line is typed that the program reads; its name is the prompt. @param {string} stdout @param {(text: string) => Promise<void>} enter */
function inputForm(stdout, enter) {
  const prompt = stdout.slice(stdout.lastIndexOf("\n") + 1).trim();
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (
      /** @type {HTMLFormElement} */ (event.target).elements.namedItem("line")
    );
    void enter(field.value);
    field.value = "";
  };
  return html`<form class="program-input" @submit=${submit}>
    <label for="program-input">${prompt || "The program reads a line"}</label>
    <input id="program-input" name="line" autocomplete="off" spellcheck="false" maxlength="2000" />
    <button class="button" type="submit">Enter</button>
  </form>`;
}

/** The files that the program left, with links to those that are kept with the run. @param {WrittenFile[]} files @param {string | null} address */
function writtenFiles(files, address) {
  if (!files.length) return nothing;
  return html`<section>
    <h3>files written</h3>
    <ul class="files">${files.map(({ name, size, kept }) => {
      const path = name.split("/").map(encodeURIComponent).join("/");
      const shown = address && kept ? html`<a href=${`${address}/files/${path}`} download>${name}</a>` : name;
      return html`<li><code>${shown}</code> <span class="muted">${bytesText(size)}</span></li>`;
    })}</ul>
  </section>`;
}

/** @param {"stdout" | "stderr"} stream @param {string} text @param {boolean} truncated */
function printed(stream, text, truncated) {
  if (!text) return nothing;
  return html`<section>
    <h3>${stream}</h3>
    <pre class=${`printed ${stream}`} tabindex="0" aria-label=${stream}>${text}</pre>
    ${truncated ? html`<p class="muted cut">The output was too long and is truncated here.</p>` : nothing}
  </section>`;
}

/** Figures shown by the same line are frames of one animation. @param {Figure[]} figures */
function animations(figures) {
  /** @type {Map<number | null, Figure[]>} */
  const byLine = new Map();
  for (const figure of figures) byLine.set(figure.line, [...(byLine.get(figure.line) ?? []), figure]);
  return [...byLine].flatMap(([line, drawn]) => (line === null ? drawn.map((one) => [one]) : [drawn]));
}

/** @param {Figure} figure @param {number} nr @param {{at: number, count: number, choose: (frame: number) => void}} frame @param {(line: number) => void} goTo */
function figureOf({ format, data, line }, nr, { at, count, choose }, goTo) {
  // As an image, an SVG runs no script and loads nothing.
  const source = format === "svg" ? `data:image/svg+xml,${encodeURIComponent(data)}` : `data:image/png;base64,${data}`;
  const chosen = (/** @type {Event} */ event) => choose(Number(/** @type {HTMLInputElement} */ (event.target).value));
  return html`<figure class="figure">
    <img src=${source} alt=${`Figure ${nr} of the program`} />
    ${
      count === 1
        ? nothing
        : html`<label class="frames"><span>frame ${at + 1} of ${count}</span>
          <input type="range" min="0" max=${count - 1} .value=${String(at)} aria-label=${`Frame of figure ${nr}`} @input=${chosen} /></label>`
    }
    <figcaption>Figure ${nr}${line === null ? nothing : html`, shown at ${lineReference(line, goTo)}`}</figcaption>
  </figure>`;
}

/** @param {RunDocument} document */
function cost({ limits, timing }) {
  const { reached, cpu_ms, peak_memory_mb } = limits;
  return html`<footer class="cost">
    <dl class="fields">
      <dt>run</dt><dd>${durationText(timing.run_ms)}</dd>
      <dt>queued</dt><dd>${durationText(timing.queue_ms)}</dd>
      <dt>total</dt><dd>${durationText(timing.total_ms)}</dd>
      ${cpu_ms === null ? nothing : html`<dt>CPU</dt><dd>${durationText(cpu_ms)}</dd>`}
      ${peak_memory_mb === null ? nothing : html`<dt>memory</dt><dd>${peak_memory_mb.toFixed(1)} MB</dd>`}
      ${reached.length ? html`<dt>limits reached</dt><dd>${reached.join(", ")}</dd>` : nothing}
    </dl>
  </footer>`;
}
