/** What the stage says when it has no current drawing: loading, empty, failed, not drawn. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { isEmpty } from "../state/state.js";

/**
 * @import {TemplateResult} from "lit"
 * @import {State} from "../state/state.js"
 */

/** @param {HTMLElement} stage @param {{state: State}} options */
export function createStageStates(stage, { state }) {
  const parent = document.createElement("div");
  parent.className = "stage-states";
  stage.append(parent);

  effect(() => {
    const running = state.running.value && state.document.value?.status !== "paused";
    stage.setAttribute("aria-busy", String(running));
    stage.classList.toggle("is-outdated", (running && !state.isLive.value) || state.failure.value !== null);
    render(html`${running ? html`<div class="progress"></div>` : nothing}${messageOf(state) ?? nothing}`, parent);
  });
}

/** @param {State} state @returns {TemplateResult | null} */
function messageOf(state) {
  const document = state.document.value;
  if (!document) {
    if (state.running.value) return message("Running …", "The first drawing is on its way.");
    if (state.failure.value) return message("Nothing drawn", state.failure.value.title + ".");
    return message("Not run yet", "Press Run to see the graph that autograd builds.");
  }
  const { picture, graph, error } = document;
  if (isEmpty(document)) {
    return message(
      "Nothing drawn",
      "The program made no tensors. Make one with requires_grad=True, compute with it, and run.",
    );
  }
  if (error && !picture?.svg && graph.functions.length + graph.tensors.length === 0) {
    return message("Nothing drawn", "The program failed before it made a tensor.");
  }
  if (picture?.error)
    return message("Not drawn", `${picture.error} The variables and gradients are there all the same.`);
  if (graph.functions.length === 0 && !error) {
    return caption("No tensor requires grad, so autograd recorded nothing.");
  }
  if (graph.truncated) return caption("The graph was cut at a limit: what you see is a part of it.");
  return null;
}

/** @param {string} title @param {string} text */
function message(title, text) {
  return html`<div class="empty"><strong>${title}</strong><p>${text}</p></div>`;
}

/** Under a drawing that needs a word. @param {string} text */
function caption(text) {
  return html`<p class="stage-caption">${text}</p>`;
}
