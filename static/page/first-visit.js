/** The first visit: the backward pass of the first program plays once, if motion is wanted. */

import { effect } from "@preact/signals-core";
import { local } from "../state/storage.js";

/** @import {State} from "../state/state.js" */

const SEEN = "gradfn:film-seen";
const AFTER_MS = 900; // time to see the graph as it is

/** @param {{state: State, play: () => void}} options */
export function createFirstVisit({ state, play }) {
  if (wasHere() || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const end = effect(() => {
    const document = state.document.value;
    if (!document || state.running.value || document.status !== "finished" || !state.film.value?.passes.length) return;
    queueMicrotask(() => end());
    setTimeout(() => {
      // Whoever has begun to do something is not interrupted.
      if (
        state.document.value === document &&
        state.position.value === null &&
        state.selected.value === null &&
        !state.stale.value
      )
        play();
    }, AFTER_MS);
  });
}

/** Remembers it, so that it is true from the next time on; true where nothing can be remembered. */
function wasHere() {
  const seen = local.read(SEEN) !== null;
  return !local.write(SEEN, "1") || seen;
}
