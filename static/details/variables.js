/** The variables of the program and what autograd knows about each. Clicking the row of a tensor selects it. */

import { html, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { effect } from "@preact/signals-core";
import { booleanText } from "../text/number.js";
import { nameOf, reference } from "../text/reference.js";
import { valueLine } from "../text/value.js";

/**
 * @import {Named, State} from "../state/state.js"
 * @import {Tensor} from "../state/types.js"
 */

/** @param {HTMLElement} parent @param {{state: State, count: HTMLElement}} options */
export function createVariables(parent, { state, count }) {
  effect(() => {
    const variables = state.variables.value;
    count.textContent = variables.length ? String(variables.length) : "";
    render(variables.length ? table(variables, state) : nothingYet(state), parent);
  });
  // Scroll to the row of what was selected elsewhere.
  effect(() => {
    if (state.selected.value === null || state.tab.value !== "variables") return;
    parent.querySelector("tr.is-selected")?.scrollIntoView({ block: "nearest" });
  });
}

/** @param {State} state */
function nothingYet(state) {
  const bound = state.position.value === null ? "The program defined no names." : "No name is defined yet.";
  const text = state.document.value ? bound : "Nothing has run yet.";
  return html`<p class="muted empty-card">${text}</p>`;
}

/** @param {Named[]} variables @param {State} state */
function table(variables, state) {
  const columns = ["name", "value", "grad", "is_leaf", "requires_grad", "grad_fn", "kind"];
  return html`<table class="variables">
    <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
    <tbody>${repeat(
      variables,
      (variable) => variable.name,
      (variable) => row(variable, state),
    )}</tbody>
  </table>`;
}

/** @param {Named} variable @param {State} state */
function row({ name, kind, tensor: id, repr, value }, state) {
  const tensor = id === null ? undefined : state.tensors.value.get(id);
  if (!tensor) {
    const cells = value
      ? html`<td>${valueLine(value)}</td><td class="none" colspan="4">not in the drawn graph</td>`
      : html`<td class="repr" colspan="5" title=${repr}>${repr}</td>`;
    return html`<tr><th scope="row">${name}</th>${cells}<td>${kind}</td></tr>`;
  }
  const selected = state.selected.value === tensor.id;
  const hot = state.hovered.value === tensor.id;
  return html`<tr
    class=${`of-tensor ${selected ? "is-selected" : ""} ${hot ? "is-hot" : ""}`}
    @click=${() => state.select(tensor.id)}
    @pointerenter=${() => (state.hovered.value = tensor.id)}
    @pointerleave=${() => (state.hovered.value = null)}
  >
    <th scope="row">
      <button class=${`name-button ${tensor.role}`} type="button" aria-pressed=${String(selected)}>${name}</button>
    </th>
    ${tensorCells(tensor, state)}
    <td>${kind}</td>
  </tr>`;
}

/** @param {Tensor} tensor @param {State} state */
function tensorCells(tensor, state) {
  const { grad_fn } = tensor;
  const grad = state.gradOf(tensor);
  return html`<td>${valueLine(state.valueOf(tensor), "not shown")}</td>
    <td class=${grad ? "has-grad" : "none"}>${valueLine(grad)}</td>
    <td class=${truth(tensor.is_leaf)}>${booleanText(tensor.is_leaf)}</td>
    <td class=${truth(tensor.requires_grad)}>${booleanText(tensor.requires_grad)}</td>
    <td class=${grad_fn === null ? "none" : ""} @click=${(/** @type {Event} */ event) => event.stopPropagation()}>
      ${grad_fn === null ? "None" : html`<span title=${nameOf(state, grad_fn)}>${reference(state, grad_fn)}</span>`}
    </td>`;
}

/** @param {boolean} value */
function truth(value) {
  return value ? "" : "none";
}
