/** Tabs: one panel is shown, arrow keys move between tabs. */

import { effect } from "@preact/signals-core";

/**
 * @import {State, Tab} from "../state/state.js"
 */

/** @param {HTMLElement} list @param {{state: State}} options */
export function createTabs(list, { state }) {
  const tabs = /** @type {HTMLButtonElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  const nameOf = (/** @type {HTMLElement} */ tab) => /** @type {Tab} */ (tab.getAttribute("aria-controls"));

  for (const tab of tabs) tab.addEventListener("click", () => void (state.tab.value = nameOf(tab)));
  list.addEventListener("keydown", (event) => {
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const next = to === undefined ? undefined : (tabs.at(to) ?? tabs[0]);
    if (!next) return;
    event.preventDefault();
    state.tab.value = nameOf(next);
    next.focus();
  });
  effect(() => {
    for (const tab of tabs) {
      const shown = nameOf(tab) === state.tab.value;
      tab.setAttribute("aria-selected", String(shown));
      tab.tabIndex = shown ? 0 : -1;
      const panel = document.getElementById(nameOf(tab));
      if (panel) panel.hidden = !shown;
    }
  });
}
