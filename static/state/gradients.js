/** The gradients that a backward pass sent along the drawn arrows. No DOM. */

/**
 * @import {BackwardPass, GradFunction, PassedFunction, Tensor, TensorValue} from "./types.js"
 *
 * `repeats`: a sum of one gradient only, which another arrow shows already.
 * @typedef {{value: TensorValue, repeats: boolean}} Carried
 * Several gradients that met at a tensor, or one that met what was in its `.grad`.
 * @typedef {{parts: TensorValue[], total: TensorValue, isGrad: boolean}} Sum
 * `order` counts the functions as they were executed, from 1; `sums` are by tensor or function.
 * @typedef {{arrows: Map<string, Carried>, order: Map<string, number>, sums: Map<string, Sum>}} Gradients
 * @typedef {{tensors: Map<string, Tensor>, functions: Map<string, GradFunction>}} Elements
 */

/** @param {BackwardPass} pass @param {Elements} elements @param {string[]} arrows their ids, `e--tail--head--nr` @returns {Gradients} */
export function gradientsOf(pass, elements, arrows) {
  const passed = executedFunctions(pass);
  const order = new Map([...passed.keys()].map((id, nr) => [id, nr + 1]));
  /** @type {Map<string, TensorValue>} */
  const values = new Map();
  /** The number of arrows with a gradient to each tensor or AccumulateGrad. @type {Map<string, number>} */
  const bringing = new Map();
  for (const id of arrows) {
    const value = gradientOn(id, passed, elements);
    if (!value) continue;
    values.set(id, value);
    const { tail, head } = partsOf(id);
    const to = receiverOf(tail, elements);
    if (!isAccumulating(head, elements)) bringing.set(to, (bringing.get(to) ?? 0) + 1);
  }
  const carried = [...values].map(([id, value]) => {
    const { head } = partsOf(id);
    const isSum = elements.tensors.has(head) || isAccumulating(head, elements);
    const repeats = isSum && bringing.get(receiverOf(head, elements)) === 1;
    return /** @type {const} */ ([id, { value, repeats }]);
  });
  return { arrows: new Map(carried), order, sums: sumsOf(pass, passed, values, elements) };
}

/**
 * Where gradients met and are summed already.
 * @param {BackwardPass} pass @param {Map<string, PassedFunction>} passed @param {Map<string, TensorValue>} values of arrows
 * @param {Elements} elements @returns {Map<string, Sum>}
 */
function sumsOf(pass, passed, values, elements) {
  /** @type {Map<string, TensorValue[]>} */
  const parts = new Map();
  for (const [id, value] of values) {
    const { tail, head } = partsOf(id);
    if (isAccumulating(head, elements) || elements.tensors.has(head)) continue;
    const to = receiverOf(tail, elements);
    parts.set(to, [...(parts.get(to) ?? []), value]);
  }
  /** @type {Map<string, Sum>} */
  const sums = new Map();
  for (const [to, met] of parts) {
    const { grad_fn = to, output_nr = 0 } = elements.tensors.get(to) ?? {};
    const total = passed.get(grad_fn ?? "")?.grad_outputs[output_nr];
    if (met.length > 1 && total) sums.set(to, { parts: met, total, isGrad: false });
  }
  for (const [id, { grad_outputs }] of passed) {
    const leaf = elements.functions.get(id)?.variable ?? null;
    if (leaf === null) continue;
    const met = parts.get(leaf) ?? [];
    if (met.length > 1 && grad_outputs[0]) sums.set(leaf, { parts: met, total: grad_outputs[0], isGrad: false });
    const change = pass.accumulated.find(({ tensor }) => tensor === leaf);
    if (change?.before && change.after && grad_outputs[0]) {
      sums.set(leaf, { parts: [change.before, grad_outputs[0]], total: change.after, isGrad: true });
    }
  }
  return sums;
}

/** By function, in the order executed. @param {BackwardPass} pass @returns {Map<string, PassedFunction>} */
export function executedFunctions({ functions }) {
  return new Map(functions.flatMap((each) => (each.function === null ? [] : [[each.function, each]])));
}

/** @param {string} id @param {Map<string, PassedFunction>} passed @param {Elements} elements */
function gradientOn(id, passed, elements) {
  const { tail, head, nr } = partsOf(id);
  if (elements.tensors.has(head)) return passed.get(tail)?.grad_outputs[nr] ?? null;
  if (isAccumulating(head, elements)) return passed.get(head)?.grad_outputs[0] ?? null;
  const isConstant = elements.tensors.get(tail.replace(/-use\d+$/, ""))?.role === "constant";
  return isConstant ? null : (passed.get(head)?.grad_inputs[nr] ?? null);
}

/** The tensor that sums the gradients leaving by an arrow's tail: of an AccumulateGrad, its leaf. @param {string} tail @param {Elements} elements */
function receiverOf(tail, elements) {
  return elements.functions.get(tail)?.variable ?? tail.replace(/-use\d+$/, "");
}

/** @param {string} id @param {Elements} elements */
function isAccumulating(id, { functions }) {
  const found = functions.get(id);
  return found !== undefined && (found.variable !== null || found.name === "AccumulateGrad");
}

/** @param {string} id */
function partsOf(id) {
  const [, tail = "", head = "", nr = "0"] = id.split("--");
  return { tail, head, nr: Number(nr) };
}
