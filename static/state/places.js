/** The source code that created each element of the graph, and the elements that each line created. */

/**
 * @import {Cut, RunDocument, Span, StackFrame} from "./types.js"
 *
 * `calling` are the lines of the calls that led there.
 * @typedef {{line: number | null, spans: Span[], calling: number[]}} Place
 * @typedef {{made: Set<string>, called: Set<string>}} Elements `called`: created in a call from that line
 */

/** @type {Place} */
const NOWHERE = { line: null, spans: [], calling: [] };
/** @type {Elements} */
const NONE = { made: new Set(), called: new Set() };

/** The id of the mark that is drawn at the source of a cut. @param {string} source */
export const cutMarkOf = (source) => `cut-${source}`;

/** @param {string} id @returns {string | null} the tensor or function whose mark this is */
export const cutSourceOf = (id) => (id.startsWith("cut-") ? id.slice(4) : null);

export class Places {
  /** @type {Map<string, Place>} */
  #places = new Map();
  /** @type {Map<number, Elements>} */
  #lines = new Map();

  /** @param {RunDocument | null} document */
  constructor(document) {
    if (!document) return;
    for (const { id, line, span, stack } of document.graph.functions) {
      this.#place(id, line, span ? [span] : [], stack);
    }
    for (const { id, line, grad_fn } of document.graph.tensors) {
      const made = grad_fn === null ? undefined : this.#places.get(grad_fn);
      if (made)
        this.#place(
          id,
          made.line,
          made.spans,
          made.calling.map((at) => ({ function: "", line: at })),
        );
      else this.#place(id, line, [], []);
    }
    for (const cut of document.cuts) {
      for (const source of [cut.tensor, cut.function]) if (source !== null) this.#cut(source, cut);
    }
    if (document.error) this.#place("error", document.error.line, [], []);
  }

  /** @param {string | null} id of a tensor, a function, the mark of a cut, or "error" */
  of(id) {
    return (id === null ? undefined : this.#places.get(id)) ?? NOWHERE;
  }

  /** @param {number | null} line */
  at(line) {
    return (line === null ? undefined : this.#lines.get(line)) ?? NONE;
  }

  /** @param {string} id @param {number | null} line @param {Span[]} spans @param {StackFrame[]} stack */
  #place(id, line, spans, stack) {
    const calling = [...new Set(stack.map((frame) => frame.line))].filter((at) => at !== line);
    this.#places.set(id, { line, spans, calling });
    const inside = new Set(line === null ? [] : [line]);
    for (const span of spans) for (let at = span.line; at <= span.end_line; at += 1) inside.add(at);
    for (const at of inside) this.#elements(at).made.add(id);
    for (const at of calling) if (!inside.has(at)) this.#elements(at).called.add(id);
  }

  /** One mark is drawn for all cuts at the same source. @param {string} source @param {Cut} cut */
  #cut(source, { span, stack }) {
    const id = cutMarkOf(source);
    const { line, spans, calling } = this.of(id);
    const frames = [...calling.map((at) => ({ function: "", line: at })), ...stack];
    this.#place(id, line ?? span.line, [...spans, span], frames);
  }

  /** @param {number} line */
  #elements(line) {
    const found = this.#lines.get(line) ?? { made: new Set(), called: new Set() };
    this.#lines.set(line, found);
    return found;
  }
}
