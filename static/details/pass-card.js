/** A backward pass in detail: the functions it executed, in order, and the gradients it accumulated. */

import { html, nothing } from "lit";
import { executedFunctions } from "../state/gradients.js";
import { lineReference, nameOf, reference, stepReference } from "../text/reference.js";
import { passText } from "../text/number.js";
import { gradientLine, valueLine } from "../text/value.js";

/**
 * @import {Context} from "../text/reference.js"
 * @import {BackwardPass, Changed, GradFunction, TensorValue} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const MOST_ROWS = 100;

/** The chosen pass for the overview; the list of all when none is chosen. @param {Context} context */
export function passesOf(context) {
  const { state } = context;
  const passes = state.document.value?.backward ?? [];
  const nr = state.pass.value;
  const pass = nr === null ? undefined : passes[nr];
  if (pass && nr !== null) return passCard(pass, nr, context);
  if (passes.length === 0) return nothing;
  return html`<section>
    <h4>Backward passes</h4>
    <ol class="plain-list passes">
      ${passes.slice(0, MOST_ROWS).map(
        (each, at) => html`<li>
        <button class="reference" type="button" @click=${() => state.choosePass(at)}>${passText(each, at)}</button>
        <span class="muted">${rootsText(each, state)}</span>
      </li>`,
      )}
    </ol>
    ${more(passes.length - MOST_ROWS)}
  </section>`;
}

/** @param {BackwardPass} pass @param {number} nr @param {Context} context */
function passCard(pass, nr, { state, goTo }) {
  const { line, call, step, alike, functions, accumulated, truncated } = pass;
  return html`<section class="pass" aria-label="Backward pass">
    <header class="card-head">
      <h4>Backward ${passText(pass, nr)}</h4>
      <button class="reference" type="button" @click=${() => state.choosePass(null)}>all passes</button>
    </header>
    <p class="muted">
      ${call === "grad" ? "autograd.grad() " : nothing}from ${rootsText(pass, state)}${line === null ? nothing : html`, ${lineReference(line, goTo)}`}${
        step === null ? nothing : html` ${stepReference(state, step)}`
      }
    </p>
    ${
      alike === null
        ? nothing
        : html`<p class="prose alike">
          The graph of this pass no longer exists. Its gradients are shown on the identical graph
          of <button class="reference" type="button" @click=${() => state.choosePass(alike)}>pass ${alike + 1}</button>.
        </p>`
    }
    ${accumulated.length ? accumulatedTable(accumulated, state) : nothing}
    <h4>Functions, in the order executed</h4>
    <table class="gradients executed">
      <thead><tr><th scope="col">nr</th><th scope="col">function</th><th scope="col">incoming gradient</th></tr></thead>
      <tbody>
        ${functions.slice(0, MOST_ROWS).map(
          (each, at) => html`<tr>
          <td>${at + 1}</td>
          <th scope="row">${each.function === null ? each.name : reference(state, each.function)}</th>
          <td class="has-grad">${each.grad_outputs.map(gradientLine).join(", ")}</td>
        </tr>`,
        )}
      </tbody>
    </table>
    ${more(functions.length - MOST_ROWS)}
    ${
      functions.some((each) => each.function === null)
        ? html`<p class="muted">Functions without a link are not in the drawn graph.</p>`
        : nothing
    }
    ${truncated ? html`<p class="muted">Not all of the functions that ran were recorded.</p>` : nothing}
  </section>`;
}

/** @param {Changed[]} accumulated @param {State} state */
function accumulatedTable(accumulated, state) {
  return html`<table class="gradients accumulated">
    <thead><tr><th scope="col">leaf</th><th scope="col">.grad before</th><th scope="col">after</th></tr></thead>
    <tbody>
      ${accumulated.map(
        ({ name, tensor, before, after }) => html`<tr>
        <th scope="row">${tensor === null ? name : reference(state, tensor)}</th>
        <td class=${before ? "" : "none"}>${gradientLine(before)}</td>
        <td class="has-grad">${gradientLine(after)}</td>
      </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The incoming and outgoing gradients of a function in the chosen pass. @param {GradFunction} found @param {State} state */
export function gradientsThrough(found, state) {
  const nr = state.pass.value;
  const pass = nr === null ? undefined : state.document.value?.backward[nr];
  if (!pass || nr === null) return nothing;
  const passed = executedFunctions(pass);
  const place = [...passed.keys()].indexOf(found.id) + 1;
  const through = passed.get(found.id);
  if (!through) return html`<p class="muted">${passText(pass, nr)} did not execute this function.</p>`;
  return html`<section class="pass" aria-label="Gradients">
    <h4>Backward ${passText(pass, nr)}: executed as number ${place} of ${passed.size}</h4>
    <dl class="fields">
      ${through.grad_outputs.map((value, at) => gradientField("incoming", at, value, through.grad_outputs.length, nothing))}
      ${through.grad_inputs.map((value, at) => {
        const next = found.next_functions[at];
        const to = next ? html` <span class="muted">to</span> ${reference(state, next.function)}` : nothing;
        return gradientField("outgoing", at, value, through.grad_inputs.length, to);
      })}
    </dl>
  </section>`;
}

/** @param {string} what @param {number} nr @param {TensorValue | null} value @param {number} count @param {unknown} to */
function gradientField(what, nr, value, count, to) {
  return html`<dt>${what}${count > 1 ? ` ${nr}` : ""}</dt>
    <dd class=${value ? "has-grad" : "none"}>${gradientLine(value)}${to}</dd>`;
}

/** "loss = 7.5" @param {BackwardPass} pass @param {State} state */
function rootsText({ roots, root_values }, state) {
  return root_values
    .map((value, nr) => {
      const id = roots[nr]; // known only if it is in the graph
      const name = id === undefined ? "a tensor that no longer exists" : nameOf(state, id);
      return `${name} = ${valueLine(value, "not shown")}`;
    })
    .join(", ");
}

/** @param {number} count */
function more(count) {
  return count > 0 ? html`<p class="muted">and ${count.toLocaleString("en")} more</p>` : nothing;
}
