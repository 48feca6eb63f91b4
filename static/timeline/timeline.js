/** The timeline: a slider over the film of the run, buttons, and what happens in words. */

import { computed, effect } from "@preact/signals-core";
import { firstNotFinite, nextRunOfLine } from "../state/jumps.js";
import { functionText, insideText, whatText, whereText } from "./step-text.js";

/**
 * @import {State} from "../state/state.js"
 * @import {RunDocument} from "../state/types.js"
 */

const STEP_MS = 300;
const FUNCTION_MS = 700; // inside a pass: as long as a number travels, and time to read it
const LONGEST_MS = 60_000; // a longer film is played in larger steps

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
  const nextRun = part("[data-go=line]");
  const toBad = part("[data-go=nan]");
  const bad = computed(() => {
    const [film, document] = [state.film.value, state.document.value];
    return film && document && !state.isLive.value ? firstNotFinite(film, document) : null;
  });
  let timer = 0;

  const last = () => (state.film.value?.length ?? 1) - 1;
  const position = () => state.position.value ?? state.steps.value.length - 1;
  const go = (/** @type {number} */ by) => state.goToStation(state.station.value + by);

  /** @param {boolean} playing */
  function setPlaying(playing) {
    window.clearTimeout(timer);
    timer = playing ? window.setTimeout(tick, state.inside.value ? FUNCTION_MS : STEP_MS) : 0;
    parent.classList.toggle("is-playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    text.setAttribute("aria-live", playing ? "off" : "polite"); // nobody can follow four announcements a second
  }

  function tick() {
    go(Math.ceil((last() * FUNCTION_MS) / LONGEST_MS / 2));
    setPlaying(state.position.value !== null);
  }

  /** @type {Record<string, () => void>} */
  const actions = {
    first: () => state.goToStation(0),
    previous: () => go(-1),
    next: () => go(1),
    last: () => state.goToStation(last()),
    pass: () => {
      const next = state.history.value?.nextPass(state.position.value ?? -1) ?? null;
      if (next !== null) state.goToStep(next);
    },
    line: () => {
      const next = nextRunOfLine(state.steps.value, position());
      if (next !== null) state.goToStep(next);
    },
    nan: () => {
      if (!bad.value) return;
      state.goToStation(bad.value.station);
      const { id } = bad.value;
      if (id !== null && state.knows(id)) state.select(id);
    },
    play: () => {
      if (timer) return setPlaying(false);
      if (state.position.value === null) state.goToStep(0);
      setPlaying(true);
    },
  };

  slider.addEventListener("input", () => {
    setPlaying(false);
    state.goToStation(slider.valueAsNumber);
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
    parent.hidden = length === 0 && (state.isLive.value || !document?.backward.length);
    nextPass.hidden = !document?.backward.length;
    nextRun.hidden = new Set(state.steps.value.map(({ line }) => line)).size === length;
    toBad.hidden = bad.value === null;
    note.textContent = thinnedText(document);
    note.hidden = !note.textContent;
  });
  effect(() => {
    const steps = state.steps.value;
    if (steps.length === 0) return;
    const at = position();
    const inside = state.inside.value;
    const where = inside ? insideText(state, at) : whereText(steps, at);
    slider.max = String(last()); // before the value, which it bounds
    slider.value = String(state.station.value);
    slider.setAttribute("aria-valuetext", where);
    const what = inside ? functionText(state, inside) : whatText(state, at).join(" · ");
    text.replaceChildren(strong(where), what ? ` ${what}` : "");
    text.title = what;
  });
  /** By a key: what plays is stopped. @param {string} name */
  function act(name) {
    if (parent.hidden || row.hidden) return false;
    if (name !== "play") setPlaying(false);
    actions[name]?.();
    return true;
  }

  return {
    act,
    /** Plays the last backward pass once. */
    playPass() {
      const pass = state.film.value?.passes.at(-1);
      if (!pass) return;
      state.goToStation(pass.start - 1);
      setPlaying(true);
    },
  };
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
