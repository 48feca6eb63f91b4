/** What a tensor is, in words, beside its box: where the box says it by shape and colour alone. */

import { html, nothing, render } from "lit";
import { booleanText } from "../text/number.js";
import { valueLine } from "../text/value.js";

/**
 * @import {Node} from "../picture/picture.js"
 * @import {State} from "../state/state.js"
 */

const GAP = 8;

/** @param {number} place @param {number} most */
const within = (place, most) => Math.max(GAP, Math.min(place, most - GAP));

/** @param {HTMLElement} stage @param {{state: State}} options */
export function createWords(stage, { state }) {
  const words = document.createElement("dl");
  words.className = "words";
  words.hidden = true;
  words.setAttribute("aria-hidden", "true"); // labels of boxes say the same
  stage.append(words);

  return {
    /** Beside this box, or nowhere. @param {Node | undefined} node */
    show(node) {
      const tensor = node && state.view.value.compact ? state.tensors.value.get(node.subject) : undefined;
      words.hidden = !tensor;
      if (!node || !tensor) return;
      const made = tensor.grad_fn === null ? undefined : state.functions.value.get(tensor.grad_fn);
      const rows = [
        ["is_leaf", booleanText(tensor.is_leaf)],
        ["requires_grad", booleanText(tensor.requires_grad)],
        ["grad", valueLine(state.gradOf(tensor))],
        ["grad_fn", made?.name ?? tensor.grad_fn ?? "None"],
      ];
      render(
        rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value ?? nothing}</dd>`),
        words,
      );
      const [box, around] = [node.element.getBoundingClientRect(), stage.getBoundingClientRect()];
      const right = box.right - around.left + GAP;
      const fits = right + words.offsetWidth < around.width;
      const left = fits ? right : box.left - around.left;
      const top = fits ? box.top - around.top : box.bottom - around.top + GAP;
      words.style.setProperty("left", `${within(left, around.width - words.offsetWidth)}px`);
      words.style.setProperty("top", `${within(top, around.height - words.offsetHeight)}px`);
    },
  };
}
