/** Everything the run document says of one function of the graph. */

import { html, nothing } from "lit";
import { formulaSection } from "./formula-section.js";
import { booleanText } from "../text/number.js";
import { gradientsThrough } from "./pass-card.js";
import { expressionOf, lineReference, reference, stepReference } from "../text/reference.js";
import { cutsOf, inPlaceChangesOf } from "./cuts-and-changes.js";
import { valueLine } from "../text/value.js";

/**
 * @import {Context} from "../text/reference.js"
 * @import {GradFunction, Operand, Saved} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

/** @param {GradFunction} found @param {Context} context */
export function functionCard(found, context) {
  const { state, goTo } = context;
  const { id, name, next_functions, variable, op, line, stack, module, step } = found;
  const accumulates = variable !== null;
  const expression = expressionOf(state, id);
  return html`<article class="card" aria-label=${`Function ${name}`}>
    <header class="card-head">
      <span class="role function">${accumulates ? "accumulates" : "function"}</span>
      <h3 class="card-name">${name}</h3>
      <span class="card-id">${id}</span>
    </header>
    <p class="muted meaning">
      ${
        accumulates
          ? "adds the incoming gradient to its leaf’s .grad"
          : "computes the gradients of its inputs from the gradients of its outputs"
      }
    </p>
    <dl class="fields">
      ${line === null ? nothing : html`<dt>made at</dt><dd>${lineReference(line, goTo)}${step === null ? nothing : html` ${stepReference(state, step)}`}</dd>`}
      ${expression === null ? nothing : html`<dt>expression</dt><dd>${expression}</dd>`}
      ${op === null ? nothing : html`<dt>op</dt><dd>${op}</dd>`}
      ${module ? html`<dt>module</dt><dd>${module}</dd>` : nothing}
      ${named("inputs", found.inputs, (operand) => operand.argument, state)}
      <dt>outputs</dt>
      <dd>${outputsOf(found, state)}</dd>
      ${variable === null ? nothing : html`<dt>variable</dt><dd>${reference(state, variable)}</dd>`}
      <dt>next_functions</dt>
      <dd>${nextFunctions(next_functions, state)}</dd>
      ${named("saved", found.saved, (saved) => saved.name, state)}
    </dl>
    ${formulaSection(found, state)}
    ${gradientsThrough(found, state)}
    ${
      stack.length < 2
        ? nothing
        : html`<section>
          <h4>called from</h4>
          <ol class="plain-list">
            ${stack.map((frame) => html`<li>${frame.function}, ${lineReference(frame.line, goTo)}</li>`)}
          </ol>
        </section>`
    }
    ${cutsOf(id, context)} ${inPlaceChangesOf(id, context)}
  </article>`;
}

/** @param {GradFunction["next_functions"]} next @param {State} state */
function nextFunctions(next, state) {
  if (next.length === 0) return html`<span class="muted">none: backpropagation ends here</span>`;
  return html`<ol class="plain-list indexed" start="0">
    ${next.map(
      (entry, nr) => html`<li>
      <span class="index">${nr}</span>
      ${
        entry === null
          ? html`<span class="muted">None</span>`
          : html`${reference(state, entry.function)} ${leafOf(entry.function, state)}<span class="muted">input_nr ${entry.input_nr}</span>`
      }
    </li>`,
    )}
  </ol>`;
}

/** "of w": tells several AccumulateGrad apart. @param {string} id @param {State} state */
function leafOf(id, state) {
  const variable = state.functions.value.get(id)?.variable;
  return variable ? html`of ${reference(state, variable)} ` : nothing;
}

/** The recorded outputs; without a recording, the tensors that are alive and have this grad_fn. @param {GradFunction} found @param {State} state */
function outputsOf({ id, outputs }, state) {
  const alive = [...state.tensors.value.values()].filter((tensor) => tensor.grad_fn === id);
  const ids = outputs.length ? outputs : alive.map((tensor) => tensor.id);
  if (ids.length === 0) return html`<span class="muted">none alive at the end</span>`;
  return html`<ul class="plain-list">
    ${ids.map((output) => html`<li>${tensorLine(output, state)}</li>`)}
  </ul>`;
}

/** @template {Operand | Saved} T @param {string} title @param {T[]} things @param {(thing: T) => string} name @param {State} state */
function named(title, things, name, state) {
  if (things.length === 0) return nothing;
  return html`<dt>${title}</dt>
    <dd><ul class="plain-list">
      ${things.map(
        (thing) => html`<li>
        <span class="muted">${name(thing)}</span>
        ${thing.tensor === null ? plainText(thing.value) : tensorLine(thing.tensor, state)}
        ${"freed" in thing && thing.freed ? html`<span class="tag">freed</span>` : nothing}
        ${"modified" in thing && thing.modified ? html`<span class="tag bad">modified since it was saved</span>` : nothing}
      </li>`,
      )}
    </ul></dd>`;
}

/** @param {string} id @param {State} state */
function tensorLine(id, state) {
  const tensor = state.tensors.value.get(id);
  if (!tensor) return reference(state, id);
  const text = state.isNotCreatedYet(tensor) ? "not created yet" : valueLine(state.valueOf(tensor), "not shown");
  return html`${reference(state, id)} <span class="muted">=</span> ${text}`;
}

/** As Python writes it. @param {Operand["value"]} value */
function plainText(value) {
  if (value === null) return "None";
  return typeof value === "boolean" ? booleanText(value) : String(value);
}
