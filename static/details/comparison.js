/** A run beside one that was kept: what an edit added, removed and changed. */

import { html, nothing } from "lit";
import { differenceOf, isSameValue } from "../state/compare.js";
import { countText } from "../text/number.js";
import { reference } from "../text/reference.js";
import { gradientLine, valueLine } from "../text/value.js";

/**
 * @import {Pair} from "../state/compare.js"
 * @import {GradFunction} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const MOST = 60; // rows

/** @param {State} state */
export function comparison(state) {
  const document = state.document.value;
  const kept = state.pinned.value;
  if (!document || state.isLive.value) return nothing;
  const pin = (/** @type {string} */ text) =>
    html`<button class="button" type="button" id="pin" @click=${() => (state.pinned.value = document)}>${text}</button>`;
  if (!kept || kept === document) {
    return html`<section class="comparison" aria-label="Compare">
      ${kept ? html`<p class="muted">Kept. Edit the program and run it again to see what differs.</p>` : pin("Keep to compare")}
    </section>`;
  }
  const { pairs, added, removed } = differenceOf(kept, document);
  return html`<section class="comparison" aria-label="Compare">
    <h4>Beside the run that was kept</h4>
    ${pairs.length + added.length + removed.length ? nothing : html`<p class="muted">Same graph, values and gradients.</p>`}
    ${functions("added", added, state)} ${functions("removed", removed, state)}
    ${pairs.length ? table(pairs, state) : nothing}
    <p class="buttons"><button class="button" type="button" @click=${() => (state.sideBySide.value = true)}>Side by side</button>
      ${pin("Keep this one instead")}
      <button class="button" type="button" @click=${() => (state.pinned.value = null)}>Done</button></p>
  </section>`;
}

/** @param {"added" | "removed"} word @param {GradFunction[]} found @param {State} state */
function functions(word, found, state) {
  if (found.length === 0) return nothing;
  const shown = found.slice(0, MOST);
  return html`<p class=${word}><strong>${word}</strong> ${countText(found.length, "function")}:
    ${shown.map(({ id, name }, nr) => html`${nr ? ", " : ""}${word === "added" ? reference(state, id) : name}`)}</p>`;
}

/** @param {Pair[]} pairs @param {State} state */
function table(pairs, state) {
  return html`<table class="gradients compared">
    <thead><tr><th scope="col">name</th><th scope="col"></th><th scope="col">before</th><th scope="col">now</th></tr></thead>
    <tbody>${pairs.slice(0, MOST).flatMap((pair) => rows(pair, state))}</tbody>
  </table>
  ${pairs.length > MOST ? html`<p class="muted">and ${(pairs.length - MOST).toLocaleString("en")} more</p>` : nothing}`;
}

/** @param {Pair} pair @param {State} state */
function rows({ name, before, now }, state) {
  const title = html`<th scope="row">${now ? reference(state, now.id) : name}</th>`;
  if (!before || !now) {
    const value = valueLine((now ?? before)?.value ?? null, "not shown");
    return [html`<tr>${title}<td>value</td><td>${before ? value : "–"}</td><td>${now ? value : "–"}</td></tr>`];
  }
  const parts = /** @type {const} */ ([
    ["value", before.value, now.value, valueLine],
    ["grad", before.grad, now.grad, gradientLine],
  ]);
  return parts
    .filter(([, a, b]) => !isSameValue(a, b))
    .map(
      ([what, a, b, text]) =>
        html`<tr>${title}<td>${what}</td><td>${text(a)}</td><td class="has-grad">${text(b)}</td></tr>`,
    );
}
