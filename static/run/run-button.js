/** The button that runs and stops, and the status line. */

import { effect } from "@preact/signals-core";
import { countText, durationText } from "../text/number.js";

/**
 * @import {Live} from "../state/live.js"
 * @import {State} from "../state/state.js"
 * @import {RunDocument} from "../state/types.js"
 */

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

/**
 * @param {HTMLElement} button
 * @param {{state: State, live: Live, status: HTMLElement, run: () => void, stop: () => void}} options
 */
export function createRunButton(button, { state, live, status, run, stop }) {
  const label = /** @type {HTMLElement} */ (button.querySelector("#run-label"));
  const key = /** @type {HTMLElement} */ (button.querySelector("#run-key"));
  key.textContent = isMac ? "⌘ ⏎" : "Ctrl ⏎";
  button.addEventListener("click", () => (state.running.value ? stop() : run()));

  effect(() => {
    label.textContent = state.running.value ? "Stop" : "Run";
    key.hidden = state.running.value; // it starts a program again, it does not stop one
    button.classList.toggle("is-running", state.running.value);
    status.textContent = state.running.value && live.asks.value ? "Waits for input" : statusOf(state);
    status.classList.toggle("is-stale", state.stale.value && !state.running.value);
  });
}

/** @param {State} state @returns {string} */
function statusOf(state) {
  const document = state.document.value;
  if (state.running.value) return document?.status === "paused" ? "Paused" : "Running …";
  if (state.failure.value) return state.stale.value ? "Edited since the last run" : "No response";
  if (!document) return "Not run yet";
  if (state.stale.value) return "Edited since this run: run again to update the graph";
  return `${endOf(document)} · ${sizeOf(document)}`;
}

/** @param {RunDocument} document */
function endOf({ status, timing }) {
  const words = {
    finished: "Finished",
    raised: "Failed",
    stopped: "Stopped",
    limit: "Stopped at a limit",
    crashed: "Crashed",
    running: "Running",
    paused: "Paused",
  };
  return `${words[status]} after ${durationText(timing.total_ms)}`;
}

/** @param {RunDocument} document */
function sizeOf({ graph }) {
  const alive = graph.tensors.filter((tensor) => tensor.alive);
  return `${countText(graph.functions.length, "function")}, ${countText(alive.length, "tensor")}`;
}
