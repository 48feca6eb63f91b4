/** The choice of a backward pass, whose gradients are shown on the graph. */

import { effect } from "@preact/signals-core";
import { passText } from "../text/number.js";

/** @import {State} from "../state/state.js" */

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createPasses(parent, { state }) {
  const select = /** @type {HTMLSelectElement} */ (parent.querySelector("select"));
  select.addEventListener("change", () => state.choosePass(select.value === "" ? null : Number(select.value)));
  effect(() => {
    const passes = state.document.value?.backward ?? [];
    parent.hidden = passes.length === 0;
    select.replaceChildren(
      new Option("no gradients", ""),
      ...passes.map((pass, nr) => new Option(state.isLive.value ? "latest pass" : passText(pass, nr), String(nr))),
    );
    select.value = "";
  });
  effect(() => {
    void state.document.value;
    select.value = String(state.drawnPass.value ?? "");
  });
}
