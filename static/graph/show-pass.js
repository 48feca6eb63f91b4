/** The gradients of the chosen backward pass, on the drawn graph. */

import { showLabels } from "./edge-labels.js";
import { gradientsOf } from "../state/gradients.js";
import { gradientText, isAllFinite } from "../text/value.js";

/**
 * @import {Picture} from "./picture.js"
 * @import {State} from "../state/state.js"
 */

/** @param {Picture} picture @param {State} state */
export function showPass(picture, state) {
  const nr = state.pass.value;
  const pass = nr === null ? undefined : state.document.value?.backward[nr];
  if (!pass) return showLabels(picture, { labels: new Map(), numbers: new Map() });
  const elements = { tensors: state.tensors.value, functions: state.functions.value };
  const { arrows, order } = gradientsOf(
    pass,
    elements,
    picture.edges.map(({ id }) => id),
  );
  const labels = [...arrows].map(([id, { value, repeats }]) => {
    const label = { text: repeats ? "" : gradientText(value), isBad: !isAllFinite(value) };
    return /** @type {const} */ ([id, label]);
  });
  showLabels(picture, { labels: new Map(labels), numbers: order });
}
