/** Everything the run document says of one tensor. */

import { html, nothing } from "lit";
import { byHandOf } from "./by-hand.js";
import { MOST_ELEMENTS, isRepeatable } from "../state/asked.js";
import { booleanText, shapeText } from "../text/number.js";
import { expressionOf, lineReference, reference, stepReference } from "../text/reference.js";
import { cutsOf, inPlaceChangesOf } from "./cuts-and-changes.js";
import { tensorView } from "../text/tensor-view.js";

/**
 * @import {Context} from "../text/reference.js"
 * @import {State} from "../state/state.js"
 * @import {Tensor, TensorValue} from "../state/types.js"
 */

const MEANING = {
  parameter: "a leaf that belongs to a module and is changed by training",
  leaf: "created by the program, not by an operation that autograd recorded",
  intermediate: "the result of an operation that autograd recorded",
  constant: "requires no gradient, so autograd does not track it",
};

const NOT_AGAIN = "Not all elements are listed: this run was live or was cut off, so it cannot be made again.";

/** @param {Tensor} tensor @param {Context} context */
export function tensorCard(tensor, context) {
  const { state, goTo } = context;
  const { names, role, note } = tensor;
  const shown = (/** @type {TensorValue} */ value, /** @type {string} */ caption) =>
    html`${tensorView(value, caption)}${moreOf(value, context)}`;
  const { functions } = state;
  const { line } = state.places.value.of(tensor.id);
  const value = state.valueOf(tensor);
  const grad = state.gradOf(tensor);
  const accumulator = [...functions.value.values()].find((found) => found.variable === tensor.id);
  return html`<article class="card" aria-label=${`Tensor ${names[0] ?? tensor.id}`}>
    <header class="card-head">
      <span class=${`role ${role}`}>${role}</span>
      <h3 class="card-name">${names.length ? names.join(", ") : (expressionOf(state, tensor.id) ?? "(unnamed)")}</h3>
      <span class="card-id">${tensor.id}</span>
    </header>
    <p class="muted meaning">${MEANING[role]}</p>
    ${stepOf(tensor, state)}
    <div class="values">
      <section>
        <h4>value ${value ? html`<span class="shape">${shapeText(value.shape)} ${value.dtype}</span>` : nothing}</h4>
        ${value ? shown(value, "value") : html`<p class="muted">${state.isNotCreatedYet(tensor) ? "not created yet" : "not shown"}</p>`}
      </section>
      <section class="of-grad">
        <h4>grad ${grad ? html`<span class="shape">${shapeText(grad.shape)} ${grad.dtype}</span>` : nothing}</h4>
        ${grad ? shown(grad, "grad") : html`<p class="none">None</p>`}
      </section>
    </div>
    ${note ? html`<p class="prose note">${note}</p>` : nothing}
    ${byHandOf(tensor.id, state)}
    <dl class="fields">
      <dt>is_leaf</dt><dd>${booleanText(tensor.is_leaf)}</dd>
      <dt>requires_grad</dt><dd>${booleanText(tensor.requires_grad)}</dd>
      <dt>retains_grad</dt><dd>${booleanText(tensor.retains_grad)}</dd>
      <dt>grad_fn</dt><dd>${tensor.grad_fn === null ? "None" : reference(state, tensor.grad_fn)}</dd>
      <dt>output_nr</dt><dd>${tensor.output_nr}</dd>
      ${accumulator ? html`<dt>accumulated by</dt><dd>${reference(state, accumulator.id)}</dd>` : nothing}
      <dt>version</dt><dd>${tensor.version ?? "–"}</dd>
      ${line === null ? nothing : html`<dt>made at</dt><dd>${lineReference(line, goTo)}</dd>`}
    </dl>
    ${cutsOf(tensor.id, context)} ${inPlaceChangesOf(tensor.id, context)}
  </article>`;
}

/** All elements of a value that is too large to be listed with every run. @param {TensorValue} value @param {Context} context */
function moreOf({ shape, data, summary }, { state, asking }) {
  const count = shape.reduce((product, length) => product * length, 1);
  if (data || !summary || count > MOST_ELEMENTS || state.position.value !== null || state.isLive.value) return nothing;
  const note = isRepeatable(state.document.value, state.asked.seed.value) ? state.asked.elementsNote.value : NOT_AGAIN;
  if (note) return html`<p class="prose muted" role="status">${note}</p>`;
  return html`<button class="chip" type="button" title="Runs the program twice more, with the same seed" @click=${asking.elements}>
    Show all ${count.toLocaleString("en")} elements
  </button>`;
}

/** The moment that is shown. @param {Tensor} tensor @param {State} state */
function stepOf({ alive, step }, state) {
  const position = state.position.value;
  if (position !== null) {
    const within = state.inside.value ? ", inside its backward pass" : "";
    return html`<p class="moment">value at step ${(position + 1).toLocaleString("en")}${within}</p>`;
  }
  if (alive)
    return html`<p class="moment is-end">${state.isLive.value ? "now, while it runs" : "at the end of the run"}</p>`;
  const when = step === null ? nothing : html`; last value at ${stepReference(state, step)}`;
  return html`<p class="moment">no longer alive at the end${when}</p>`;
}
