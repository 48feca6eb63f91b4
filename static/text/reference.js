/** Links to tensors, functions, lines and steps. */

import { html, nothing } from "lit";

/**
 * @import {State} from "../state/state.js"
 * @typedef {{state: State, goTo: (line: number) => void, asking: {elements: () => void}}} Context what every card needs
 */

const EXPRESSION_CHARACTERS = 32;

/** @param {State} state @param {string} id */
export function reference(state, id) {
  return html`<button
    class="reference"
    type="button"
    @click=${() => state.open(id)}
    @pointerenter=${() => (state.hovered.value = id)}
    @pointerleave=${() => (state.hovered.value = null)}
    @focus=${() => (state.hovered.value = id)}
    @blur=${() => (state.hovered.value = null)}
  >${nameOf(state, id)}</button>`;
}

/** @param {State} state @param {string} id @returns {string} */
export function nameOf(state, id) {
  const tensor = state.tensors.value.get(id);
  if (tensor) return tensor.names[0] ?? expressionOf(state, id) ?? `(unnamed, ${id})`;
  return state.functions.value.get(id)?.name ?? id;
}

/** The source code that created it, if that is a single expression. @param {State} state @param {string} id */
export function expressionOf(state, id) {
  const { spans } = state.places.value.of(id);
  const [span] = spans;
  if (!span || spans.length > 1 || state.ran.value === null) return null;
  const lines = state.ran.value
    .split("\n")
    .slice(span.line - 1, span.end_line)
    .map((line) => [...line]);
  const last = lines.at(-1);
  const first = lines.at(0);
  if (!first || !last) return null;
  last.length = Math.min(last.length, span.end_column);
  first.splice(0, span.column);
  const text = lines.map((line) => line.join("").trim()).join(" ");
  return text.length > EXPRESSION_CHARACTERS ? `${text.slice(0, EXPRESSION_CHARACTERS - 1)}…` : text;
}

/** @param {number} line @param {(line: number) => void} goTo */
export function lineReference(line, goTo) {
  return html`<button class="reference" type="button" @click=${() => goTo(line)}>line ${line}</button>`;
}

/** A link to a step. @param {State} state @param {number} step that the document speaks of */
export function stepReference(state, step) {
  const position = state.history.value?.positionOf(step) ?? -1;
  if (position < 0) return nothing;
  const text = `step ${(position + 1).toLocaleString("en")}`;
  return html`<button class="reference" type="button" @click=${() => state.goToStep(position)}>${text}</button>`;
}
