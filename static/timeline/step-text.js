/** A step in words: its number, its line, and what it did. */

import { countText } from "../text/number.js";
import { nameOf } from "../text/reference.js";
import { gradientText, valueLine } from "../text/value.js";

/**
 * @import {Inside} from "../state/film.js"
 * @import {State} from "../state/state.js"
 * @import {Bound, Moment, Step, TrainingEvent} from "../state/types.js"
 */

const MOST_LISTED = 3;

/** "step 17 of 120: line 9, iteration 3" @param {Step[]} steps @param {number} position */
export function whereText(steps, position) {
  const step = /** @type {Step} */ (steps[position]);
  const inside = step.depth > 0 ? ` in ${step.function}` : "";
  const round = step.iteration === null ? "" : `, iteration ${step.iteration.toLocaleString("en")}`;
  const end = position === steps.length - 1 ? ", the end" : "";
  const count = `step ${(position + 1).toLocaleString("en")} of ${steps.length.toLocaleString("en")}`;
  return `${count}${end}: line ${step.line}${inside}${round}`;
}

/** "step 10 of 11: line 10, backward 3 of 7" @param {State} state @param {number} position */
export function insideText(state, position) {
  const { pass, done } = state.inside.value ?? { pass: 0, done: 0 };
  const count = state.document.value?.backward[pass]?.functions.length ?? 0;
  return `${whereText(state.steps.value, position)}, backward ${done.toLocaleString("en")} of ${count.toLocaleString("en")}`;
}

/** "MulBackward0 got 1.0 and sent 3.0 to b, 2.0 to a" @param {State} state @param {Inside} inside */
export function functionText(state, { pass, done }) {
  const passed = state.document.value?.backward[pass]?.functions[done - 1];
  if (!passed) return "";
  const { function: id, name, grad_outputs, grad_inputs } = passed;
  const known = id === null ? undefined : state.functions.value.get(id);
  const got = grad_outputs.flatMap((each) => (each ? [gradientText(each)] : []));
  const leaf = known?.variable ? nameOf(state, known.variable) : null;
  const sent = grad_inputs.flatMap((each, nr) => {
    const next = known?.next_functions[nr];
    return each ? [`${gradientText(each)}${next ? ` to ${receiver(state, next)}` : ""}`] : [];
  });
  const what = leaf === null ? (sent.length ? ` and sent ${sent.join(", ")}` : "") : `, added to ${leaf}.grad`;
  return `${name || known?.name || "a function"} got ${got.join(", ") || "nothing"}${what}`;
}

/** The tensor that a gradient is of, or else the function. @param {State} state @param {{function: string, input_nr: number}} next */
function receiver(state, { function: id, input_nr }) {
  const leaf = state.functions.value.get(id)?.variable;
  if (leaf) return nameOf(state, leaf);
  const tensor = [...state.tensors.value.values()].find((each) => each.grad_fn === id && each.output_nr === input_nr);
  return nameOf(state, tensor?.names.length ? tensor.id : id);
}

/** What it did, the most interesting first. @param {State} state @param {number} position @returns {string[]} */
export function whatText(state, position) {
  const step = state.steps.value[position];
  const history = state.history.value;
  if (!step || !history) return [];
  const bound = new Set(step.bound.map(({ tensor }) => tensor));
  const made = step.made.map(({ function: id }) => nameOf(state, id));
  return [
    ...history.passesAt(position).map((nr) => `backward pass ${(nr + 1).toLocaleString("en")}`),
    ...history.trainingAt(position).map(trainingText),
    ...listed(step.bound.map(boundText)),
    ...listed(step.changed.filter(({ tensor }) => !bound.has(tensor)).map((each) => changedText(state, each))),
    ...(made.length ? [`made ${listed(made).join(", ")}`] : []),
    ...(step.printed ? [`printed ${step.printed.trimEnd()}`] : []),
  ];
}

/** @param {string[]} texts */
function listed(texts) {
  const more = texts.length - MOST_LISTED;
  return more > 0 ? [...texts.slice(0, MOST_LISTED), countText(more, "more", "more")] : texts;
}

/** @param {Bound} bound */
function boundText({ name, kind, repr, value }) {
  if (kind === "deleted") return `deleted ${name}`;
  return `${name} = ${value ? valueLine(value) : repr}`;
}

/** @param {State} state @param {Moment} moment */
function changedText(state, { tensor, attribute, value }) {
  const name = nameOf(state, tensor);
  return `${attribute === "grad" ? `${name}.grad` : name} = ${valueLine(value)}`;
}

/** @param {TrainingEvent} event */
function trainingText({ kind, code }) {
  return code || kind;
}
