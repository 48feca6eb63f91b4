/** Edits of programs, kept in the browser as they are typed: they outlive a closed tab. */

/** @import {Origin, State} from "../state/state.js" */

import { effect } from "@preact/signals-core";
import { local } from "../state/storage.js";

const KEY = "gradfn:draft:";

/** @param {HTMLElement} button that brings a kept draft back @param {{state: State, replace: (code: string) => void}} options */
export function createDrafts(button, { state, replace }) {
  /** What was kept before this program was opened. */
  let kept = /** @type {string | null} */ (null);
  let openedAs = "";

  effect(() => {
    const key = keyOf(state.origin.value);
    const [code, original] = [state.code.value, state.original.value];
    if (openedAs !== key + original) {
      openedAs = key + original;
      kept = local.read(key);
    }
    if (code !== original) local.write(key, code);
    button.hidden = kept === null || kept === code || state.edited.value;
  });
  button.addEventListener("click", () => {
    if (kept !== null) replace(kept);
  });
}

/** Programs that are no example share one place. @param {Origin} origin */
const keyOf = ({ slug }) => KEY + (slug ?? "");
