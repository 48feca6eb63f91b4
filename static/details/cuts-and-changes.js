/** Where the program cut the history of a tensor or function, or changed it in place. */

import { html, nothing } from "lit";
import { countText } from "../text/number.js";
import { lineReference, reference } from "../text/reference.js";

/**
 * @import {Context} from "../text/reference.js"
 * @import {Cut, CutReason, InPlaceChange} from "../state/types.js"
 */

/** @type {Record<CutReason, string>} */
const REASONS = {
  detach: "detach() returns a tensor without history",
  data: ".data is a tensor without history",
  no_grad: "autograd records nothing under no_grad",
  inference_mode: "autograd records nothing in inference_mode",
  number: "a Python number has no history",
  numpy: "a NumPy array has no history",
  new_tensor: "torch.tensor() copies only the values",
  dtype: "integers and booleans have no gradient",
  no_derivative: "the operation has no derivative",
};

/** Where its history was cut. @param {string} id of a tensor or function @param {Context} context */
export function cutsOf(id, { state, goTo }) {
  const cuts = (state.document.value?.cuts ?? []).filter((cut) => cut.tensor === id || cut.function === id);
  if (cuts.length === 0) return nothing;
  /** @param {Cut} cut */
  const entry = ({ reason, code, span, times, result }) => html`<li>
    <code>${code}</code> at ${lineReference(span.line, goTo)}${times > 1 ? `, ${countText(times, "time")}` : ""}
    <span class="muted">${REASONS[reason]}</span>
    ${result !== null && state.knows(result) ? html`<span class="muted">result</span> ${reference(state, result)}` : nothing}
  </li>`;
  return html`<section class="changes cuts"><h4>history cut</h4><ul class="plain-list">${cuts.map(entry)}</ul></section>`;
}

/** In-place changes to a tensor, or to a tensor that a function had saved. @param {string} id of a tensor or function @param {Context} context */
export function inPlaceChangesOf(id, { state, goTo }) {
  const changes = (state.document.value?.in_place ?? []).filter(
    (change) => change.tensor === id || change.function === id || change.saved_by.includes(id),
  );
  if (changes.length === 0) return nothing;
  /** @param {InPlaceChange} change */
  const entry = ({ code, span, name, version_before, version, saved_by }) => html`<li>
    <code>${code}</code> at ${lineReference(span.line, goTo)}
    <span class="muted">${name ? `${name}, ` : ""}version ${version_before} to ${version}</span>
    ${
      saved_by.length
        ? html`<span class="muted">after</span> ${saved_by.map((saver) => reference(state, saver))}
          <span class="muted">had saved the old value</span>`
        : nothing
    }
  </li>`;
  return html`<section class="changes">
    <h4>changed in place</h4>
    <ul class="plain-list">${changes.map(entry)}</ul>
  </section>`;
}
