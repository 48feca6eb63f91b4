/** Moments of a film that somebody looks for. No DOM. */

import { normOf } from "./magnitude.js";

/**
 * @import {Film} from "./film.js"
 * @import {State} from "./state.js"
 * @import {BackwardPass, RunDocument, Step, TensorValue, Training} from "./types.js"
 * @typedef {{station: number, id: string | null}} Moment `id`: of the tensor or function that it is about
 */

/** The next step that runs the same line; after the last one, the first; null when it runs once. @param {Step[]} steps @param {number} position */
export function nextRunOfLine(steps, position) {
  const line = steps[position]?.line;
  const runs = steps.flatMap((step, nr) => (step.line === line ? [nr] : []));
  return runs.length < 2 ? null : (runs.find((nr) => nr > position) ?? runs[0] ?? null);
}

/** Where the first NaN or infinity appears, forward or in a backward pass. @param {Film} film @param {RunDocument} document @returns {Moment | null} */
export function firstNotFinite(film, document) {
  for (const [position, step] of (document.steps ?? []).entries()) {
    for (const { start, pass } of film.passes.filter((each) => each.position === position)) {
      const found = inPass(document.backward[pass]);
      if (found) return { station: start + found.nr, id: found.id };
    }
    const id = inStep(step);
    if (id !== undefined) return { station: film.endOf(position), id };
  }
  return null;
}

/** @param {BackwardPass | undefined} pass */
function inPass(pass) {
  const nr = (pass?.functions ?? []).findIndex(({ grad_inputs, grad_outputs }) =>
    [...grad_outputs, ...grad_inputs].some(isBad),
  );
  return nr < 0 ? null : { nr, id: pass?.functions[nr]?.function ?? null };
}

/** @param {Step} step @returns {string | null | undefined} */
function inStep({ made, bound, changed }) {
  const [first] = [
    ...made.filter(({ value }) => isBad(value)).map(({ function: id }) => id),
    ...[...bound, ...changed].filter(({ value }) => isBad(value ?? null)).map(({ tensor }) => tensor),
  ];
  return first;
}

/** @param {TensorValue | null} value */
const isBad = (value) => Number.isNaN(normOf(value));

/** The training as the current step leaves it; null at the end and outside of iterations. @param {State} state @param {Training | null} last */
export function trainingAt(state, last) {
  const iteration = state.steps.value[state.position.value ?? -1]?.iteration ?? null;
  if (!last || iteration === null) return null;
  const named = new Map([...state.tensors.value.values()].flatMap((each) => each.names.map((name) => [name, each])));
  const parameters = Object.keys(last.parameters).flatMap((name) => {
    const tensor = named.get(name);
    return tensor ? [[name, { value: state.valueOf(tensor), grad: state.gradOf(tensor) }]] : [];
  });
  return { iteration, parameters: Object.fromEntries(parameters) };
}
