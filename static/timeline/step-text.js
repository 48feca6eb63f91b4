/** A step in words: its number, its line, and what it did. */

import { countText } from "../text/number.js";
import { nameOf } from "../text/reference.js";
import { valueLine } from "../text/value.js";

/**
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
