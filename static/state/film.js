/** The film of a run: its steps, and within a step each function of its backward passes. No DOM. */

/**
 * @import {BackwardPass, RunDocument, Tensor, TensorValue} from "./types.js"
 * @import {History} from "./history.js"
 *
 * Inside a backward pass: `done` of its functions were executed.
 * @typedef {{pass: number, done: number}} Inside
 * A station of the film: a step, from 0, that is over, or inside one of its passes.
 * @typedef {{position: number, inside: Inside | null}} Station
 */

export class Film {
  /** The station at which each step is over. @type {number[]} */
  #ends = [];
  /** The stations of each pass: where it begins, and its number. @type {{start: number, length: number, pass: number, position: number}[]} */
  passes = [];

  /** @type {BackwardPass[]} */
  #backward;
  /** The leaf of each AccumulateGrad, by id. @type {Map<string, string>} */
  #leaves = new Map();
  /** @type {{inside: Inside | null, grads: Map<string, TensorValue | null>}} */
  #kept = { inside: null, grads: new Map() };

  /** @param {RunDocument} document @param {History} history */
  constructor(document, history) {
    this.#backward = document.backward;
    for (const { id, variable } of document.graph.functions) if (variable !== null) this.#leaves.set(id, variable);
    let next = 0;
    history.steps.forEach((_, position) => {
      for (const pass of history.passesAt(position)) {
        const { length } = this.#backward[pass]?.functions ?? [];
        this.passes.push({ start: next, length, pass, position });
        next += length;
      }
      this.#ends.push(next);
      next += 1;
    });
    this.length = next;
  }

  /** The station of a step that is over. @param {number} position */
  endOf(position) {
    return this.#ends[position] ?? 0;
  }

  /** @param {Station} station */
  indexOf({ position, inside }) {
    const found = inside && this.passes.find(({ pass }) => pass === inside.pass);
    return found ? found.start + inside.done - 1 : this.endOf(position);
  }

  /** @param {number} index @returns {Station} */
  at(index) {
    const found = this.passes.find(({ start, length }) => index >= start && index < start + length);
    if (found) return { position: found.position, inside: { pass: found.pass, done: index - found.start + 1 } };
    const position = this.#ends.findIndex((end) => end >= index);
    return { position: position < 0 ? this.#ends.length - 1 : position, inside: null };
  }

  /**
   * The `.grad` of a leaf inside a pass: what the pass found, until its AccumulateGrad was executed.
   * undefined when the step accumulates nothing into it.
   * @param {Tensor} tensor @param {Station} station @returns {TensorValue | null | undefined}
   */
  gradInside({ id }, { position, inside }) {
    return inside ? this.#gradsInside(position, inside).get(id) : undefined;
  }

  /** Of all leaves into which the step accumulates; kept for the last station asked for. @param {number} position @param {Inside} inside */
  #gradsInside(position, inside) {
    if (this.#kept.inside === inside) return this.#kept.grads;
    /** @type {Map<string, TensorValue | null>} */
    const grads = new Map();
    for (const { pass } of this.passes.filter((each) => each.position === position)) {
      const { functions = [], accumulated = [] } = this.#backward[pass] ?? {};
      const executed = functions.slice(0, pass === inside.pass ? inside.done : pass < inside.pass ? Infinity : 0);
      const added = new Set(executed.map(({ function: id }) => this.#leaves.get(id ?? "")));
      for (const { tensor, before, after } of accumulated) {
        if (tensor === null) continue;
        if (added.has(tensor)) grads.set(tensor, after);
        else if (!grads.has(tensor)) grads.set(tensor, before);
      }
    }
    this.#kept = { inside, grads };
    return grads;
  }
}
