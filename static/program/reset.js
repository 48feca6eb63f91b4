/** A button that restores the program as it was opened; undo restores the edits. */

import { effect } from "@preact/signals-core";

/** @import {State} from "../state/state.js" */

/** @param {HTMLElement} button @param {{state: State, replace: (code: string) => void}} options */
export function createReset(button, { state, replace }) {
  button.addEventListener("click", () => replace(state.original.value));
  effect(() => void (button.hidden = !state.edited.value));
}
