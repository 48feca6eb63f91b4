/** The timeline: a slider over the steps of the run, buttons, and what the step did in words. */

import { effect } from "@preact/signals-core";
import { whatText, whereText } from "./step-text.js";

/**
 * @import {State} from "../state/state.js"
 * @import {RunDocument} from "../state/types.js"
 */

const STEPS_A_SECOND = 4;
const LONGEST_SECONDS = 60; // a longer run is played in larger steps

/** @param {HTMLElement} parent @param {{state: State}} options */
export function createTimeline(parent, { state }) {
  /** @template {HTMLElement} T @param {string} selector @returns {T} */
  const part = (selector) => /** @type {T} */ (parent.querySelector(selector));
  /** @type {HTMLInputElement} */
  const slider = part("#step");
  /** @type {HTMLButtonElement} */
  const play = part("[data-go=play]");
  const text = part("#step-text");
  const row = part("#timeline-steps");
  const note = part("#timeline-note");
  const nextPass = part("[data-go=pass]");
  let timer = 0;

  const last = () => state.steps.value.length - 1;
  const position = () => state.position.value ?? last();

  /** @param {boolean} playing */
  function setPlaying(playing) {
    window.clearInterval(timer);
    timer = playing ? window.setInterval(tick, 1000 / STEPS_A_SECOND) : 0;
    parent.classList.toggle("is-playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    text.setAttribute("aria-live", playing ? "off" : "polite"); // nobody can follow four announcements a second
  }

  function tick() {
    const stride = Math.ceil((last() + 1) / (STEPS_A_SECOND * LONGEST_SECONDS));
    state.goToStep(position() + stride);
    if (state.position.value === null) setPlaying(false);
  }

  /** @type {Record<string, () => void>} */
  const actions = {
    first: () => state.goToStep(0),
    previous: () => state.goToStep(position() - 1),
    next: () => state.goToStep(position() + 1),
    pass: () => {
      const next = state.history.value?.nextPass(state.position.value ?? -1) ?? null;
      if (next !== null) state.goToStep(next);
    },
    play: () => {
      if (timer) return setPlaying(false);
      if (state.position.value === null) state.goToStep(0);
      setPlaying(true);
    },
  };

  slider.addEventListener("input", () => {
    setPlaying(false);
    state.goToStep(slider.valueAsNumber);
  });
  parent.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button[data-go]") : null;
    const go = button?.getAttribute("data-go") ?? "";
    if (go !== "play" && go in actions) setPlaying(false);
    actions[go]?.();
  });

  effect(() => {
    const document = state.document.value;
    const { length } = state.steps.value;
    setPlaying(false);
    row.hidden = length === 0;
    text.hidden = length === 0;
    parent.hidden = length === 0 && !document?.backward.length;
    nextPass.hidden = !document?.backward.length;
    note.textContent = thinnedText(document);
    note.hidden = !note.textContent;
    slider.max = String(Math.max(0, length - 1));
  });
  effect(() => {
    const steps = state.steps.value;
    if (steps.length === 0) return;
    const at = position();
    const where = whereText(steps, at);
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", where);
    const what = whatText(state, at).join(" · ");
    text.replaceChildren(strong(where), what ? ` ${what}` : "");
    text.title = what;
  });
  return { previous: actions.previous, next: actions.next };
}

/** Notes of the recorder about what it left out. @param {RunDocument | null} document */
function thinnedText(document) {
  return document?.recording?.thinned.join(" ") ?? "";
}

/** @param {string} text */
function strong(text) {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}
