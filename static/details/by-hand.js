/** Backpropagation by hand: every path from a root to a leaf, beside what autograd computed. */

import { html, nothing } from "lit";
import { formula } from "../text/formula.js";
import { countText } from "../text/number.js";
import { nameOf, reference } from "../text/reference.js";
import { valueLine, valueTable } from "../text/value.js";

/**
 * @import {ByHand, Difference, Path, TensorValue} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const WRONG = {
  gradient: "gave another gradient than its formula for",
  received: "received another gradient than was sent to it, as when a hook changes it",
  value: "gave another result than its inputs give now, as when they are changed through .data",
};

/** Every account that a tensor takes part in, as the root or as the leaf. @param {string} id @param {State} state */
export function byHandOf(id, state) {
  const found = state.document.value?.by_hand.filter(({ root, leaf }) => root === id || leaf === id) ?? [];
  if (found.length === 0) return nothing;
  return html`<section class="by-hand">
    <h4>Backpropagation by hand</h4>
    ${found.map((told, nr) => account(told, id, state, nr === 0))}
  </section>`;
}

/** @param {ByHand} told @param {string} id @param {State} state @param {boolean} open */
function account(told, id, state, open) {
  const { root, leaf, count, agrees, note, latex, paths } = told;
  const paths_ = count === 0 ? "" : `, ${countText(count, "path")}`;
  return html`<details ?open=${open}>
    <summary>
      ${root === id ? html`for <code>${nameOf(state, leaf)}</code>` : html`of <code>${nameOf(state, root)}</code>`}${paths_}
      ${agrees === null ? nothing : html`<span class=${agrees ? "agrees" : "differs"}>${agrees ? "agrees" : "differs"}</span>`}
    </summary>
    ${latex ? formula(latex) : nothing}
    ${results(told)}
    ${note ? html`<p class="prose muted">${note}</p>` : nothing}
    ${told.differences.map((each) => difference(each, state))}
    ${paths.length ? pathList(told, state) : nothing}
  </details>`;
}

/** @param {ByHand} told */
function results({ seed, total, autograd, finite_differences, agrees }) {
  /** @type {[string, TensorValue | null][]} */
  const rows = [
    ["by hand", total],
    ["autograd", autograd],
    ["finite differences", finite_differences],
  ];
  const started = seed.data?.some((element) => element !== 1)
    ? [/** @type {[string, TensorValue]} */ (["v", seed])]
    : [];
  return html`<dl class="fields results">
    ${[...started, ...rows].map(
      ([name, value]) => html`<dt>${name}</dt>
      <dd>${value ? valueTable(value, name) : html`<span class="muted">${name === "autograd" && agrees ? "no backward pass began here" : "not known"}</span>`}</dd>`,
    )}
  </dl>`;
}

/** @param {Difference} told @param {State} state */
function difference({ kind, function: id, argument, by_hand, autograd }, state) {
  return html`<p class="prose difference">
    ${reference(state, id)} (${id}) ${WRONG[kind]}${argument ? ` ${argument}` : ""}:
    ${valueLine(by_hand)} by hand, ${valueLine(autograd)} in the run.
  </p>`;
}

/** @param {ByHand} told @param {State} state */
function pathList({ paths, grouped, count }, state) {
  const heading = grouped ? `${countText(count, "path")}, by their last step` : "Paths";
  return html`<h5>${heading}</h5>
    <ol class="paths">
      ${paths.map((path) => html`<li>${onePath(path, state)}</li>`)}
    </ol>`;
}

/** @param {Path} path @param {State} state */
function onePath({ factors, product, count }, state) {
  return html`${count > 1 ? html`<span class="muted">${countText(count, "path")} through </span>` : nothing}
    <ol class="factors">
      ${factors.map(
        (factor) => html`<li>
        ${reference(state, factor.function)} ${formula(factor.latex)}
        ${
          factor.local && (factor.local.data?.length ?? 0) > 1
            ? html`<details class="jacobian"><summary>${factor.local.shape.length === 2 ? "as a matrix" : "element by element"}</summary>${valueTable(factor.local, "factor")}</details>`
            : nothing
        }
      </li>`,
      )}
    </ol>
    <p class="muted">gives ${valueLine(product)}</p>`;
}
