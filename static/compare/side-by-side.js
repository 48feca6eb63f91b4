/** Two runs as pictures beside each other: the one that was kept, and the one that is shown. */

import { effect } from "@preact/signals-core";
import { Picture } from "../picture/picture.js";
import { create } from "../picture/svg.js";
import { differenceOf } from "../state/compare.js";
import { countText } from "../text/number.js";

/**
 * @import {Difference} from "../state/compare.js"
 * @import {Layout} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const MARGIN = 12;
const MOST_SCALE = 1.4;
const NO_MOTION = { isSameGraph: false, shift: /** @type {[number, number]} */ ([0, 0]) };

/** @param {HTMLElement} dialog @param {{state: State}} options */
export function createSideBySide(dialog, { state }) {
  const element = /** @type {HTMLDialogElement} */ (dialog);
  const before = paneIn(dialog, "before");
  const now = paneIn(dialog, "now");
  element.addEventListener("close", () => (state.sideBySide.value = false));

  effect(() => {
    const [kept, document] = [state.pinned.value, state.document.value];
    if (!state.sideBySide.value || !kept || !document) return element.close();
    const difference = differenceOf(kept, document);
    before.show(kept.picture?.layout ?? null, marksOf(difference, "before"));
    now.show(state.layout.value, marksOf(difference, "now"));
    const summary = dialog.querySelector("#side-by-side-summary");
    if (summary) summary.textContent = textOf(difference);
    if (!element.open) element.showModal();
  });
}

/** @param {HTMLElement} dialog @param {string} name */
function paneIn(dialog, name) {
  const parent = /** @type {HTMLElement} */ (dialog.querySelector(`[data-run=${name}]`));
  return {
    /** @param {Layout | null} layout @param {Map<string, string>} marks the class of each tensor and function that differs */
    show(layout, marks) {
      const picture = new Picture();
      picture.show(layout, NO_MOTION);
      for (const { element, subject, members } of picture.nodes) {
        const mark = [subject, ...members].map((id) => marks.get(id)).find(Boolean);
        if (mark) element.classList.add(mark);
      }
      // Ids are those of the graph behind, and nothing can be chosen here.
      for (const each of picture.drawing.querySelectorAll("*"))
        for (const name of ["id", "role", "tabindex"]) each.removeAttribute(name);
      const { x, y, width, height } = picture.box;
      const [wide, high] = [width + 2 * MARGIN, height + 2 * MARGIN];
      const svg = create("svg", { viewBox: `${x - MARGIN} ${y - MARGIN} ${wide} ${high}`, class: "drawing-of-run" });
      svg.style.setProperty("max-width", `${wide * MOST_SCALE}px`);
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `graph ${name === "now" ? "of this run" : "of the run that was kept"}`);
      svg.append(picture.drawing);
      parent.replaceChildren(svg);
    },
  };
}

/** @param {Difference} difference @param {"before" | "now"} run @returns {Map<string, string>} */
function marksOf({ pairs, added, removed }, run) {
  const [functions, mark] = run === "now" ? [added, "is-added"] : [removed, "is-removed"];
  const tensors = pairs.flatMap(({ [run]: own, [run === "now" ? "before" : "now"]: other }) =>
    own ? [/** @type {const} */ ([own.id, other ? "is-changed" : mark])] : [],
  );
  return new Map([...functions.map(({ id }) => /** @type {const} */ ([id, mark])), ...tensors]);
}

/** @param {Difference} difference */
function textOf({ pairs, added, removed }) {
  const changed = pairs.filter(({ before, now }) => before && now).length;
  const parts = [
    added.length ? `${countText(added.length, "function")} added` : "",
    removed.length ? `${countText(removed.length, "function")} removed` : "",
    changed ? `${countText(changed, "tensor")} changed` : "",
  ].filter(Boolean);
  return parts.join(", ") || "Same graph, values and gradients.";
}
