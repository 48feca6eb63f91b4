/** Backpropagation by hand: every path from a root to a leaf, compared with what autograd computed. */

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
  gradient: "computed a different gradient from its formula for",
  received: "received a different gradient from the one sent to it, for example because a hook changed it",
  value:
    "computed a different result from the one its inputs give now, for example because they were changed through .data",
};

/** Every hand computation with this tensor as its root or leaf. @param {string} id @param {State} state */
export function byHandOf(id, state) {
  const found = state.asked.byHand.value.get(id);
  if (found === null)
    return html`<section class="by-hand"><h4>Backpropagation by hand</h4><p class="muted">Working it out …</p></section>`;
  if (!found && state.asked.failedFor.value === id)
    return html`<section class="by-hand"><h4>Backpropagation by hand</h4><p class="muted" role="status">It could not be fetched. Select the tensor again to try again.</p></section>`;
  if (!found?.length) return nothing;
  return html`<section class="by-hand">
    <h4>Backpropagation by hand</h4>
    ${found.map((byHand, nr) => derivation(byHand, id, state, nr === 0))}
  </section>`;
}

/** @param {ByHand} byHand @param {string} id @param {State} state @param {boolean} open */
function derivation(byHand, id, state, open) {
  const { root, leaf, count, agrees, note, latex, paths } = byHand;
  const paths_ = count === 0 ? "" : `, ${countText(count, "path")}`;
  return html`<details ?open=${open}>
    <summary>
      ${root === id ? html`for <code>${nameOf(state, leaf)}</code>` : html`of <code>${nameOf(state, root)}</code>`}${paths_}
      ${agrees === null ? nothing : html`<span class=${agrees ? "agrees" : "differs"}>${agrees ? "agrees" : "differs"}</span>`}
    </summary>
    ${latex ? formula(latex) : nothing}
    ${results(byHand)}
    ${note ? html`<p class="prose muted">${note}</p>` : nothing}
    ${byHand.differences.map((each) => difference(each, state))}
    ${paths.length ? pathList(byHand, state) : nothing}
  </details>`;
}

/** @param {ByHand} byHand */
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
      <dd>${value ? valueTable(value, name) : html`<span class="muted">${name === "autograd" && agrees ? "no backward pass started here" : "unknown"}</span>`}</dd>`,
    )}
  </dl>`;
}

/** @param {Difference} found @param {State} state */
function difference({ kind, function: id, argument, by_hand, autograd }, state) {
  return html`<p class="prose difference">
    ${reference(state, id)} (${id}) ${WRONG[kind]}${argument ? ` ${argument}` : ""}:
    ${valueLine(by_hand)} by hand, ${valueLine(autograd)} in the run.
  </p>`;
}

/** @param {ByHand} byHand @param {State} state */
function pathList({ paths, grouped, count }, state) {
  const heading = grouped ? `${countText(count, "path")}, grouped by last step` : "Paths";
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
