/** The drawn graph at a step: elements that do not exist yet fade, boxes show the values of that step. */

import { COMPACT, LETTER, isNone, roomIn } from "../picture/shapes.js";
import { labelOf } from "./label.js";
import { showThumbnail } from "../picture/thumbnail.js";
import { valueInWidth } from "../text/value.js";

/**
 * @import {Age} from "../state/history.js"
 * @import {Node, Picture} from "../picture/picture.js"
 * @import {State} from "../state/state.js"
 * @import {Tensor} from "../state/types.js"
 */

const PADDING = 16; // as in app/gradfn/render/styles.py
const AGES = /** @type {const} */ (["future", "now", "old"]);

/** @param {Picture} picture @param {State} state */
export function showStep({ nodes, edges }, state) {
  const position = state.position.value;
  const ages = position === null ? null : state.history.value?.agesAt(position);
  /** @type {Map<string, Age>} */
  const drawn = new Map();
  const { tensors = [], functions = [] } = state.document.value?.error?.explanation ?? {};
  const causes = new Set([...tensors, ...functions]);
  for (const node of nodes) {
    const { id, element, subject, members } = node;
    const age = ages ? ageOf(node, ages) : "past";
    drawn.set(id, age);
    const label = labelOf(node, state) + (age === "future" ? ", not created yet" : "");
    if (element.getAttribute("aria-label") !== label) element.setAttribute("aria-label", label);
    element.classList.toggle("is-cause", causes.has(subject) || members.some((each) => causes.has(each)));
    for (const each of AGES) element.classList.toggle(`is-${each}`, age === each);
  }
  for (const edge of edges) {
    const ends = [drawn.get(edge.tail), drawn.get(edge.head)];
    for (const each of ["future", "old"])
      edge.element.classList.toggle(
        `is-${each}`,
        ends.some((age) => age === each),
      );
  }
  for (const node of nodes) {
    const tensor = state.tensors.value.get(node.id);
    if (tensor) writeRows(node, tensor, state);
  }
}

/** Of a fold: the latest of what is in it. @param {Node} node @param {Map<string, Age>} ages @returns {Age} */
function ageOf({ subject, members }, ages) {
  const own = ages.get(subject);
  if (own) return own;
  if (subject === "error") return "future";
  const inside = new Set(members.map((id) => ages.get(id) ?? "past"));
  if (inside.has("now")) return "now";
  if (inside.has("past")) return "past";
  return inside.has("old") ? "old" : inside.size ? "future" : "past";
}

/** In a large picture, boxes have no values. @param {Node} node @param {Tensor} tensor @param {State} state */
function writeRows({ element, texts, rows, box }, tensor, state) {
  if (!rows.some((row) => row.includes("= "))) return;
  const isCompact = rows.length <= COMPACT;
  const thumbnail = isCompact ? roomIn(rows) : 0;
  if (thumbnail) showThumbnail(element, box, state.valueOf(tensor));
  const asWritten = state.position.value === null && !state.isLive.value;
  const shown = asWritten ? rows : rowsAt(rows, Math.round((box.width - PADDING) / LETTER) - thumbnail, tensor, state);
  texts.forEach((text, nr) => {
    if (text.textContent === shown[nr]) return;
    text.textContent = shown[nr] ?? "";
    const chip = text.previousElementSibling;
    if (chip?.matches(".chip-of-grad")) chip.classList.toggle("is-none", isNone(text.textContent));
  });
}

/**
 * The rows `name = value`, or name and `= value`, then `grad`, alone or among others.
 * @param {string[]} rows @param {number} room letters in a row @param {Tensor} tensor @param {State} state
 */
function rowsAt(rows, room, tensor, state) {
  const changed = [...rows];
  const ofValue = rows.findIndex((row) => row.includes("= "));
  const ofGrad = rows.findIndex((row) => row.startsWith("grad "));
  const start = rows[ofValue]?.match(/^.*=\s?/s)?.[0] ?? "";
  const brief = (/** @type {string} */ text) => (rows.length > COMPACT ? text : text.replace(/ float32$/, ""));
  const value = state.isNotCreatedYet(tensor) ? "…" : brief(valueInWidth(state.valueOf(tensor), room - start.length));
  changed[ofValue] = start + value;
  if (ofGrad < 0) return changed;
  const key = rows.length > COMPACT ? (rows[ofGrad]?.match(/^grad\s+/)?.[0] ?? "") : "grad ";
  changed[ofGrad] = key + brief(valueInWidth(state.gradOf(tensor), room - key.length));
  return changed;
}
