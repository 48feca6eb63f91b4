/** On a narrow screen, the choice of code, graph or details. */

import { effect } from "@preact/signals-core";

/**
 * @import {Pane, State} from "../state/state.js"
 */

/** @param {HTMLElement} group @param {{state: State}} options */
export function createPaneSwitch(group, { state }) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...group.querySelectorAll("button")]);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      state.pane.value = /** @type {Pane} */ (button.dataset.pane);
    });
  }
  // In the graph, what is selected has its card below, as a sheet.
  const close = document.getElementById("close-sheet");
  close?.addEventListener("click", () => state.select(null));
  effect(() => {
    document.body.dataset.pane = state.pane.value;
    document.body.toggleAttribute("data-sheet", state.selected.value !== null && state.pane.value === "graph");
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.pane === state.pane.value));
      const marked = button.dataset.pane === "details" && state.selected.value !== null;
      button.classList.toggle("has-news", marked);
    }
  });
}
