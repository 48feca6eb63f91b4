/** What differs between two runs: functions by what made them, tensors by their names. No DOM. */

import { normOf } from "./magnitude.js";

/**
 * @import {GradFunction, RunDocument, Tensor, TensorValue} from "./types.js"
 * A name of either run with its value and gradient in both; null where the run does not have it.
 * @typedef {{name: string, before: Tensor | null, now: Tensor | null}} Pair
 * `added` are functions of the run that is shown, `removed` those of the other one.
 * @typedef {{pairs: Pair[], added: GradFunction[], removed: GradFunction[]}} Difference
 */

/** @param {RunDocument} before @param {RunDocument} now @returns {Difference} */
export function differenceOf(before, now) {
  const [old, current] = [namedIn(before), namedIn(now)];
  const names = [...new Set([...current.keys(), ...old.keys()])];
  const pairs = names
    .map((name) => ({ name, before: old.get(name) ?? null, now: current.get(name) ?? null }))
    .filter((pair) => !isSame(pair.before, pair.now));
  const [was, is] = [before.graph.functions, now.graph.functions];
  return { pairs, added: without(is, was), removed: without(was, is) };
}

/** @param {Tensor | null} a @param {Tensor | null} b */
function isSame(a, b) {
  if (!a || !b) return false;
  return a.requires_grad === b.requires_grad && isSameValue(a.value, b.value) && isSameValue(a.grad, b.grad);
}

/** As far as both are known. @param {TensorValue | null} a @param {TensorValue | null} b */
export function isSameValue(a, b) {
  if (!a || !b) return a === b;
  if (String(a.shape) !== String(b.shape) || a.dtype !== b.dtype) return false;
  if (a.data && b.data) return String(a.data) === String(b.data);
  return Object.is(normOf(a), normOf(b)) && a.summary?.mean === b.summary?.mean;
}

/** Whether these may be the elements of a value of which only a summary is known. @param {TensorValue | null} known @param {TensorValue | null} whole */
export function isOfSummary(known, whole) {
  if (!known?.summary || !whole?.data) return isSameValue(known, whole);
  if (String(known.shape) !== String(whole.shape) || known.dtype !== whole.dtype) return false;
  // A large one is summarised by some of its elements.
  const { min, max } = known.summary;
  return [min, max].every((each) => each === null || whole.data?.includes(each));
}

/** The tensors that have a name and are alive, by it. @param {RunDocument} document @returns {Map<string, Tensor>} */
function namedIn({ graph }) {
  const named = graph.tensors.filter(({ alive, names }) => alive && names.length > 0);
  return new Map(named.map((tensor) => [tensor.names[0] ?? "", tensor]));
}

/** Those that the other run has not as often, in the order of their run. @param {GradFunction[]} functions @param {GradFunction[]} others */
function without(functions, others) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name } of others) counts.set(name, (counts.get(name) ?? 0) + 1);
  return functions.filter(({ name }) => {
    const left = counts.get(name) ?? 0;
    counts.set(name, left - 1);
    return left <= 0;
  });
}
