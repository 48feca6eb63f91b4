/** The steps of a run, indexed once, so that the state at any step can be looked up. No DOM. */

import { cutMarkOf } from "./places.js";

/**
 * @import {Bound, Cut, GradFunction, RunDocument, Step, Tensor, TensorValue, TrainingEvent} from "./types.js"
 *
 * An element of the graph at a step: created later (`future`), by this step (`now`) or before
 * (`past`). `old`: before, and in a loop, where the corresponding element of the previous iteration
 * is still the current one.
 * @typedef {"future" | "now" | "past" | "old"} Age
 */

export class History {
  /** @type {Map<string, Track<TensorValue | null>>} */
  #values = new Map();
  /** @type {Map<string, Track<TensorValue | null>>} */
  #grads = new Map();
  /** Names in the order of their first binding. @type {Map<string, Track<Bound>>} */
  #names = new Map();
  /** When a function, or the corresponding one of an earlier iteration, was created. @type {Map<string, Track<true>>} */
  #created = new Map();
  /** The position of the first cut at each tensor or function. @type {Map<string, number>} */
  #cuts = new Map();
  /** @type {Map<number, number[]>} */
  #passes = new Map();
  /** @type {Map<number, TrainingEvent[]>} */
  #training = new Map();
  /** Each function after all of its next_functions. @type {GradFunction[]} */
  #leavesFirst;
  /** @type {Map<string, string>} */
  #sources = new Map();

  /** @param {RunDocument} document */
  constructor(document) {
    const { tensors, functions } = document.graph;
    this.document = document;
    this.steps = document.steps ?? [];
    this.#leavesFirst = leavesFirst(functions);
    for (const { id, grad_fn, output_nr } of tensors) {
      if (grad_fn !== null) this.#sources.set(`${grad_fn} ${output_nr}`, id);
    }
    this.steps.forEach((step, position) => this.#addStep(step, position));
    for (const cut of document.cuts) this.#addCut(cut);
    for (const { id, step } of functions) {
      if (step !== null && !this.#created.has(id)) track(this.#created, id).add(this.positionOf(step), true);
    }
    for (const tensor of tensors) if (tensor.grad_fn === null) this.#addLeaf(tensor);
    document.backward.forEach(({ step }, nr) => this.#addTo(this.#passes, step, nr));
    for (const event of document.training) this.#addTo(this.#training, event.step, event);
  }

  /** @param {Step} step @param {number} position */
  #addStep({ bound, made, changed }, position) {
    for (const { function: id, output_nr, value } of made) {
      track(this.#created, id).add(position, true);
      track(this.#values, this.#sources.get(`${id} ${output_nr}`) ?? `${id} ${output_nr}`).add(position, value);
    }
    for (const each of bound) {
      if (!each.local) track(this.#names, each.name).add(position, each);
      if (each.tensor !== null && each.value) track(this.#values, each.tensor).add(position, each.value);
    }
    for (const { tensor, attribute, value } of changed) {
      track(attribute === "value" ? this.#values : this.#grads, tensor).add(position, value);
    }
  }

  /** A cut that happened several times has the step of the last; the first was when its line first ran. @param {Cut} cut */
  #addCut({ tensor, function: id, step, span, times }) {
    const first = times > 1 ? this.steps.findIndex(({ line }) => line === span.line) : -1;
    const position = first >= 0 || step === null ? first : this.positionOf(step);
    for (const source of [tensor, id]) {
      if (source === null) continue;
      this.#cuts.set(source, Math.min(position, this.#cuts.get(source) ?? position));
    }
  }

  /** @template T @param {Map<number, T[]>} notes @param {number | null} step @param {T} note */
  #addTo(notes, step, note) {
    if (step === null || this.steps.length === 0) return;
    const position = this.positionOf(step);
    notes.set(position, [...(notes.get(position) ?? []), note]);
  }

  /** A leaf that no step mentions was created by its line. @param {Tensor} tensor */
  #addLeaf({ id, line, step, value }) {
    if (this.#values.has(id)) return;
    const at = this.steps.findIndex((each) => each.line === line);
    const position = at >= 0 || step === null ? at : this.positionOf(step);
    if (position >= 0) track(this.#values, id).add(position, value);
  }

  /** The position of a step number in the document; the last position for steps that were not kept. @param {number} step */
  positionOf(step) {
    return Math.min(step, this.steps.length - 1);
  }

  /** The backward passes that the step ran, as indices into `backward`. @param {number} position */
  passesAt(position) {
    return this.#passes.get(position) ?? [];
  }

  /** @param {number} position */
  trainingAt(position) {
    return this.#training.get(position) ?? [];
  }

  /** The position of the next backward pass; after the last one, of the first. @param {number} position */
  nextPass(position) {
    const positions = [...this.#passes.keys()];
    return positions.find((each) => each > position) ?? positions[0] ?? null;
  }

  /** undefined when the tensor did not exist yet. @param {Tensor} tensor @param {number} position */
  valueOf({ id, value }, position) {
    const found = this.#values.get(id);
    return found ? found.at(position) : value;
  }

  /** @param {Tensor} tensor @param {number} position */
  gradOf({ id, grad }, position) {
    const found = this.#grads.get(id);
    return found ? (found.at(position) ?? null) : grad;
  }

  /** The value of a function's output that has no tensor in the graph. @param {string} id @param {number} nr @param {number} position */
  outputOf(id, nr, position) {
    return this.#values.get(`${id} ${nr}`)?.at(position);
  }

  /**
   * The names that are bound at a step, with their latest values: local names of the function that
   * the step is in come first and hide module names that are the same.
   * @param {number} position @returns {Bound[]}
   */
  namesAt(position) {
    const names = new Map(this.#localsAt(position).map((each) => [each.name, each]));
    for (const [name, bound] of this.#names) {
      const there = bound.at(position);
      if (there && !names.has(name)) names.set(name, there);
    }
    return [...names.values()].filter(({ kind }) => kind !== "deleted");
  }

  /** The local names that the running call has bound up to a step. @param {number} position @returns {Bound[]} */
  #localsAt(position) {
    const depth = this.steps[position]?.depth ?? 0;
    const caller = this.steps.slice(0, position + 1).findLastIndex((each) => each.depth < depth);
    const own = this.steps.slice(caller + 1, position + 1).filter((each) => each.depth === depth);
    return depth > 0 ? own.flatMap(({ bound }) => bound.filter(({ local }) => local)) : [];
  }

  /** Of everything drawn except the error. @param {number} position @returns {Map<string, Age>} */
  agesAt(position) {
    const made = this.#createdUpTo(position);
    /** @type {Map<string, Age>} */
    const ages = new Map();
    for (const { id, next_functions } of this.#leavesFirst) {
      const at = made.get(id) ?? -1;
      const isOld = next_functions.some((next) => {
        if (!next) return false;
        return ages.get(next.function) === "old" || (made.get(next.function) ?? -1) > at;
      });
      ages.set(id, at < 0 ? "future" : isOld ? "old" : at === position ? "now" : "past");
    }
    for (const { id, grad_fn } of this.document.graph.tensors) {
      if (grad_fn === null) ages.set(id, this.#ageOfLeaf(id, position));
      else ages.set(id, ages.get(grad_fn) ?? "past");
    }
    for (const [source, first] of this.#cuts) {
      const age = ages.get(source) ?? "past";
      ages.set(cutMarkOf(source), first > position ? "future" : age === "now" ? "past" : age);
    }
    return ages;
  }

  /** @param {string} id @param {number} position @returns {Age} */
  #ageOfLeaf(id, position) {
    const found = this.#values.get(id);
    if (!found) return "past";
    if (found.first > position) return "future";
    return found.lastUpTo(position) === position ? "now" : "past";
  }

  /**
   * The position at which each function was last created, -1 for not yet. An AccumulateGrad, like
   * any function that no step mentions, is created with the first function that needs it.
   * @param {number} position
   */
  #createdUpTo(position) {
    /** @type {Map<string, number>} */
    const made = new Map();
    /** @type {Map<string, number>} */
    const needed = new Map();
    for (const { id, next_functions } of this.#leavesFirst.toReversed()) {
      const found = this.#created.get(id);
      const at = found ? found.lastUpTo(position) : (needed.get(id) ?? 0);
      made.set(id, at);
      const first = found ? (found.first <= position ? found.first : -1) : at;
      for (const next of next_functions) {
        if (!next) continue;
        const before = needed.get(next.function) ?? -1;
        needed.set(next.function, before < 0 ? first : first < 0 ? before : Math.min(before, first));
      }
    }
    return made;
  }
}

/** Values by the position from which they hold, in ascending order. @template T */
class Track {
  /** @type {number[]} */
  positions = [];
  /** @type {T[]} */
  values = [];

  get first() {
    return this.positions[0] ?? Infinity;
  }

  /** @param {number} position @param {T} value */
  add(position, value) {
    this.positions.push(position);
    this.values.push(value);
  }

  /** The last position up to this one, -1 if none. @param {number} position */
  lastUpTo(position) {
    return this.positions[countUpTo(this.positions, position) - 1] ?? -1;
  }

  /** @param {number} position @returns {T | undefined} */
  at(position) {
    return this.values[countUpTo(this.positions, position) - 1];
  }
}

/** @template T @param {Map<string, Track<T>>} tracks @param {string} id @returns {Track<T>} */
function track(tracks, id) {
  const found = tracks.get(id) ?? new Track();
  tracks.set(id, found);
  return found;
}

/** How many of the numbers, which are sorted, are at most `most`. @param {number[]} numbers @param {number} most */
function countUpTo(numbers, most) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if (/** @type {number} */ (numbers[half]) <= most) low = half + 1;
    else high = half;
  }
  return low;
}

/** With an explicit stack: a chain of 10,000 functions would overflow the call stack. @param {GradFunction[]} functions */
function leavesFirst(functions) {
  const byId = new Map(functions.map((each) => [each.id, each]));
  const entered = new Set();
  /** @type {Set<GradFunction>} */
  const left = new Set();
  const stack = functions.toReversed();
  while (stack.length) {
    const top = /** @type {GradFunction} */ (stack.at(-1));
    const following = entered.has(top) ? [] : top.next_functions.map((next) => byId.get(next?.function ?? ""));
    entered.add(top);
    const missing = following.filter((each) => each !== undefined).filter((each) => !entered.has(each));
    if (missing.length) stack.push(...missing);
    else left.add(/** @type {GradFunction} */ (stack.pop()));
  }
  return [...left];
}
