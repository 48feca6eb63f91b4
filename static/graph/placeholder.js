/** The message in place of a drawing: loading, empty, failed, not drawn. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { isEmpty } from "../state/state.js";

/**
 * @import {TemplateResult} from "lit"
 * @import {State} from "../state/state.js"
 */

/** @param {HTMLElement} stage @param {{state: State}} options */
export function createPlaceholder(stage, { state }) {
  const parent = document.createElement("div");
  parent.className = "stage-states";
  stage.append(parent);

  effect(() => {
    const running = state.running.value && state.document.value?.status !== "paused";
    stage.setAttribute("aria-busy", String(running));
    const isOld = (running && !state.isLive.value) || state.failure.value !== null || state.layoutIsOld.value;
    stage.classList.toggle("is-outdated", isOld || (state.stale.value && !state.isLive.value));
    render(html`${running ? html`<div class="progress"></div>` : nothing}${messageOf(state) ?? nothing}`, parent);
  });
}

/** @param {State} state @returns {TemplateResult | null} */
function messageOf(state) {
  const document = state.document.value;
  if (!document) {
    if (state.running.value) return message("Running …", "The graph will appear here.");
    if (state.failure.value) return message("Nothing drawn", state.failure.value.title + ".");
    return message("Not run yet", "Press Run to see the graph that autograd builds.");
  }
  const { picture, graph, error } = document;
  if (state.layoutIsOld.value) return caption("The graph of the last run that built one.");
  if (isEmpty(document)) {
    return message(
      "Nothing drawn",
      "The program created no tensors. Create one with requires_grad=True, compute with it, and run again.",
    );
  }
  if (error && !picture?.layout && graph.functions.length + graph.tensors.length === 0) {
    return message("Nothing drawn", "The program failed before it created a tensor.");
  }
  if (picture?.error) return message("Not drawn", `${picture.error} The variables and gradients are still shown.`);
  if (graph.functions.length === 0 && !error) {
    return caption("No tensor requires grad, so autograd recorded nothing.");
  }
  if (graph.truncated) return caption("The graph reached a limit: only part of it is shown.");
  return null;
}

/** @param {string} title @param {string} text */
function message(title, text) {
  return html`<div class="empty"><strong>${title}</strong><p>${text}</p></div>`;
}

/** A caption below a drawing. @param {string} text */
function caption(text) {
  return html`<p class="stage-caption">${text}</p>`;
}
