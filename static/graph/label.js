/** The label of a drawn element for assistive technology. */

import { booleanText } from "../text/number.js";
import { cutSourceOf } from "../state/places.js";
import { nameOf } from "../text/reference.js";
import { valueLine } from "../text/value.js";

/**
 * @import {Node} from "../picture/picture.js"
 * @import {State} from "../state/state.js"
 * @import {Tensor} from "../state/types.js"
 */

/** What it is, and where its arrows come from and go. @param {Node} node @param {State} state */
export function labelOf(node, state) {
  return [ownLabel(node, state), arrows("from", node.from), arrows("to", node.into)].filter(Boolean).join(", ");
}

/** @param {string} word @param {Node[]} nodes */
function arrows(word, nodes) {
  const names = nodes.slice(0, MOST_ARROWS).map(({ rows }) => (rows[0] ?? "").replace(/ = .*/s, ""));
  const more = nodes.length - names.length;
  return names.length ? `${word} ${names.join(" and ")}${more > 0 ? ` and ${more} more` : ""}` : "";
}

/** @param {Node} node @param {State} state */
function ownLabel({ id, subject, fold, rows }, state) {
  if (fold) return `${rows.join(", ")}, fold${fold.can_open ? ", Enter opens it" : ""}`;
  const again = id === subject ? "" : ", used again";
  const tensor = state.tensors.value.get(subject);
  if (tensor) return labelOfTensor(tensor, again, state);
  const cutFrom = cutSourceOf(subject);
  if (cutFrom !== null) return `history cut from ${nameOf(state, cutFrom)}`;
  const error = state.document.value?.error;
  if (error?.explanation?.functions.includes(subject))
    return `${state.functions.value.get(subject)?.name}, function, a cause of the error`;
  if (subject === "error" && error) return `${error.type}: ${error.message}`;
  const name = state.functions.value.get(subject)?.name;
  return name ? `${name}, function${again}` : rows.join(", ");
}

const MOST_ARROWS = 4;

/** @param {Tensor} tensor @param {string} again @param {State} state */
function labelOfTensor(tensor, again, state) {
  const name = tensor.names.join(", ") || "unnamed";
  const grad = tensor.requires_grad ? `, grad ${valueLine(state.gradOf(tensor))}` : "";
  return `${name}, ${tensor.role}${again}, requires_grad ${booleanText(tensor.requires_grad)}${grad}`;
}
