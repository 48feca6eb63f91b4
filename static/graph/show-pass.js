/** The gradients of a backward pass on the drawn graph: of all of it, or as far as the film is. */

import { showLabels } from "../picture/edge-labels.js";
import { gradientsOf } from "../state/gradients.js";
import { magnitudesOf, markOf, normOf } from "../state/magnitude.js";
import { gradientText, isAllFinite, sumText } from "../text/value.js";

/**
 * @import {Picture} from "../picture/picture.js"
 * @import {BackwardPass} from "../state/types.js"
 * @import {Label} from "../picture/edge-labels.js"
 * @import {Range} from "../state/magnitude.js"
 * @import {State} from "../state/state.js"
 */

/** @param {Picture} picture @param {State} state @returns {Range | null} of the gradients that are shown */
export function showPass(picture, state) {
  const nr = state.drawnPass.value;
  const whole = nr === null ? undefined : state.document.value?.backward[nr];
  const inside = state.inside.value;
  const pass = whole && inside ? { ...whole, functions: whole.functions.slice(0, inside.done) } : whole;
  const running = state.executed.value;
  for (const { element, subject, members } of picture.nodes) {
    element.classList.toggle("is-running", running !== null && (subject === running || members.includes(running)));
  }
  const first = normOf(whole?.functions[0]?.grad_outputs[0]);
  markBoxes(picture, first, pass !== undefined, state);
  const none = { labels: new Map(), numbers: new Map(), sums: new Map() };
  if (!pass) {
    showLabels(picture, none);
    return null;
  }
  if (picture.isFolded) {
    showLabels(picture, { ...none, labels: betweenFolds(picture, pass, state) });
    return null;
  }
  const { range, ...shown } = labelsOf(picture, pass, first, state);
  showLabels(picture, shown);
  return range;
}

/** Boxes whose gradient is zero or not finite; of a fold, the greatest of its leaves. @param {Picture} picture @param {number | null} first @param {boolean} isShown @param {State} state */
function markBoxes({ nodes }, first, isShown, state) {
  for (const { element, subject, inside } of nodes) {
    const tensor = state.tensors.value.get(subject);
    const norm = inside ? inside.greatest_grad : tensor && normOf(state.gradOf(tensor));
    const mark = isShown && typeof norm === "number" ? markOf(norm, first) : null;
    element.classList.toggle("is-dead", mark === "dead");
    element.classList.toggle("is-bad", mark === "bad");
  }
}

/** @param {Picture} picture @param {BackwardPass} pass @param {number | null} first @param {State} state */
function labelsOf(picture, pass, first, state) {
  const elements = { tensors: state.tensors.value, functions: state.functions.value };
  const ids = picture.edges.map(({ id }) => id);
  const { arrows, order, sums } = gradientsOf(pass, elements, ids);
  const norms = [...arrows].flatMap(([id, { value }]) => {
    const norm = normOf(value);
    return norm === null ? [] : [/** @type {const} */ ([id, norm])];
  });
  const { magnitudes, range } = magnitudesOf(new Map(norms), first);
  const labels = [...arrows].map(([id, { value, repeats }]) => {
    const text = repeats ? "" : gradientText(value);
    const label = { text, isBad: !isAllFinite(value), magnitude: magnitudes.get(id) };
    return /** @type {const} */ ([id, label]);
  });
  const texts = [...sums].flatMap(([id, { parts, total, isGrad }]) => {
    const text = sumText(parts, total);
    return text ? [/** @type {const} */ ([id, isGrad ? `grad ${text}` : text])] : [];
  });
  return { labels: new Map(labels), numbers: order, sums: new Map(texts), range };
}

/** The arrows between boxes along which the pass went; which numbers went there, only the functions inside know. @param {Picture} picture @param {BackwardPass} pass @param {State} state */
function betweenFolds({ nodes, edges }, pass, state) {
  const boxOf = new Map(nodes.flatMap(({ id, members }) => members.map((each) => [each, id])));
  const gone = new Set();
  for (const { function: id } of pass.functions) {
    const box = boxOf.get(id ?? "");
    if (!box || id === null) continue;
    gone.add(box);
    for (const next of state.functions.value.get(id)?.next_functions ?? []) {
      if (next) gone.add(`${boxOf.get(next.function)} ${box}`);
    }
  }
  const label = { text: "", isBad: false };
  const along = edges.filter(
    ({ tail, head }) => gone.has(`${tail} ${head}`) || (state.tensors.value.has(head) && gone.has(tail)),
  );
  return new Map(along.map(({ id }) => /** @type {[string, Label]} */ ([id, label])));
}
