/** Running again after a change, as an option that is remembered. */

import { effect, untracked } from "@preact/signals-core";
import { local } from "../state/storage.js";

/** @import {State} from "../state/state.js" */

const KEY = "gradfn:auto-run";
const AFTER_MS = 700; // without another change

/** @param {HTMLElement} label with a checkbox @param {{state: State, run: () => void}} options */
export function createAutoRun(label, { state, run }) {
  const box = /** @type {HTMLInputElement} */ (label.querySelector("input"));
  let timer = 0;

  /** Runs a moment later, if the program has not run as it is then. */
  function soon() {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (state.code.value !== state.ran.value) run();
    }, AFTER_MS);
  }

  box.checked = local.read(KEY) === "1";
  box.addEventListener("change", () => {
    local.write(KEY, box.checked ? "1" : "");
    if (box.checked && state.stale.value) soon();
  });
  effect(() => {
    // Only what was typed: a program that was just opened runs when it may.
    if (state.stale.value && state.code.value && untracked(() => box.checked)) soon();
  });
  return { soon };
}
