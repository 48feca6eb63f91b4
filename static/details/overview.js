/** The summary of a run, shown when nothing is selected: the gradients of its leaves. */

import { html, nothing } from "lit";
import { comparison } from "./comparison.js";
import { countText, durationText } from "../text/number.js";
import { passesOf } from "./pass-card.js";
import { reference } from "../text/reference.js";
import { valueLine } from "../text/value.js";

/**
 * @import {Context} from "../text/reference.js"
 * @import {State} from "../state/state.js"
 * @import {RunDocument, Tensor} from "../state/types.js"
 */

const MOST_LEAVES = 100;

/** @param {Context} context */
export function overview(context) {
  const { state } = context;
  const document = state.document.value;
  if (!document) {
    return html`<div class="empty-card">
      <p class="muted">Nothing has run yet. Press <strong>Run</strong> to see what autograd sees.</p>
    </div>`;
  }
  const { functions } = document.graph;
  const tensors = document.graph.tensors.filter(({ alive }) => alive);
  const leaves = tensors.filter((tensor) => tensor.is_leaf && tensor.requires_grad);
  const kept = tensors.filter((tensor) => !tensor.is_leaf && tensor.grad);
  return html`<article class="card" aria-label="The run">
    <h3 class="card-name">${stepOf(state) ?? titleOf(document)}</h3>
    <p class="muted meaning">
      ${countText(functions.length, "function")}, ${countText(tensors.length, "tensor")}${
        state.isLive.value ? nothing : `, ${durationText(document.timing.total_ms)}`
      }${document.graph.truncated ? ", truncated at a limit" : ""}
    </p>
    ${document.error && tensors.length === 0 ? nothing : gradientsOfLeaves(leaves, state)}
    ${kept.length ? html`<h4>Retained by retain_grad()</h4>${gradients(kept, state)}` : nothing}
    ${state.isLive.value ? nothing : passesOf(context)} ${comparison(state)}
    ${
      tensors.length + functions.length && document.picture?.layout
        ? html`<p class="muted">Select an element of the graph to see its card.</p>`
        : nothing
    }
  </article>`;
}

/** @param {Tensor[]} leaves @param {State} state */
function gradientsOfLeaves(leaves, state) {
  if (leaves.length === 0) {
    return html`<p class="prose">
      No leaf requires grad, so there is no gradient to compute. Create a tensor with <code>requires_grad=True</code>.
    </p>`;
  }
  const more = leaves.length - MOST_LEAVES;
  return html`<h4>Gradients of the leaves</h4>
    ${gradients(leaves.slice(0, MOST_LEAVES), state)}
    ${more > 0 ? html`<p class="muted">and ${more.toLocaleString("en")} more: see Variables</p>` : nothing}`;
}

/** @param {Tensor[]} tensors @param {State} state */
function gradients(tensors, state) {
  return html`<table class="gradients">
    <thead><tr><th scope="col">name</th><th scope="col">value</th><th scope="col">grad</th></tr></thead>
    <tbody>
      ${tensors.map(
        (tensor) => html`<tr>
        <th scope="row">${reference(state, tensor.id)}</th>
        <td>${valueLine(state.valueOf(tensor), "not shown")}</td>
        <td class=${state.gradOf(tensor) ? "has-grad" : "none"}>${valueLine(state.gradOf(tensor))}</td>
      </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {State} state */
function stepOf({ position, steps }) {
  if (position.value === null) return null;
  return `At step ${(position.value + 1).toLocaleString("en")} of ${steps.value.length.toLocaleString("en")}`;
}

/** @param {RunDocument} document */
function titleOf({ status, error, graph }) {
  if (error?.kind === "syntax") return "The program could not be read";
  if (error && graph.tensors.length === 0) return "The program failed before it created a tensor";
  if (error) return "The graph built before the error";
  if (status === "running" || status === "paused")
    return `The program ${status === "paused" ? "is paused" : "is running"}`;
  return status === "finished" ? "The program finished" : "The program was stopped";
}
