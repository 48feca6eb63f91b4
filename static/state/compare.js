/** What differs between two runs: functions by what made them, tensors by their names. No DOM. */

import { normOf } from "./magnitude.js";

/**
 * @import {Element, GradFunction, RunDocument, Tensor, TensorValue} from "./types.js"
 * A name of either run with its value and gradient in both; null where the run does not have it.
 * @typedef {{name: string, before: Tensor | null, now: Tensor | null}} Pair
 * `added` are functions of the run that is shown, `removed` those of the other one.
 * @typedef {{pairs: Pair[], added: GradFunction[], removed: GradFunction[]}} Difference
 */

const STRETCHES = 16;
const ROUNDING = 1e-13; // of the greatest number, for each that is added

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
  return isSummaryOf(known.summary, whole.data) || isSummaryOf(known.summary, sampleOf(whole.data));
}

/** What is summarised of a large tensor that was seen in passing: 16 stretches of 16 elements. @param {Element[]} data */
function sampleOf(data) {
  const step = Math.floor(data.length / STRETCHES);
  return data.filter((_, at) => at < STRETCHES * step && at % step < STRETCHES);
}

/** @param {NonNullable<TensorValue["summary"]>} summary @param {Element[]} data */
function isSummaryOf(summary, data) {
  const numbers = data.map((each) => [each].flat().map(Number));
  const finite = numbers.filter((each) => each.every(Number.isFinite));
  const zeros = numbers.filter((each) => each.every((part) => part === 0)).length;
  if (zeros !== summary.zeros || numbers.length - finite.length !== summary.nonfinite) return false;
  const parts = finite.flat();
  const [least, most] = [Math.min(...parts), Math.max(...parts)];
  const scale = Math.max(Math.abs(least), Math.abs(most));
  /** @type {[number | string | null, number][]} */
  const known = [
    [summary.min, least],
    [summary.max, most],
    [summary.mean, parts.reduce((sum, each) => sum + each, 0) / parts.length],
    [summary.norm, Math.hypot(...parts)],
  ];
  // The server adds them up in another order.
  return known.every(([is, found]) => is === null || Math.abs(Number(is) - found) <= ROUNDING * scale * parts.length);
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
