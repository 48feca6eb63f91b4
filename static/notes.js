/** In words, under the program: how it failed, and what else the reader should know. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { countText } from "./number.js";
import { prose } from "./prose.js";
import { lineReference } from "./reference.js";

/**
 * @import {TemplateResult} from "lit"
 * @import {State} from "./state.js"
 * @import {Diagnostic, Failure, RunError} from "./types.js"
 */

/** @param {HTMLElement} parent @param {{state: State, goTo: (line: number) => void}} options */
export function createNotes(parent, { state, goTo }) {
  effect(() => {
    const document = state.document.value;
    const failure = state.failure.value;
    /** @type {TemplateResult[]} */
    const notes = [];
    if (state.notice.value) notes.push(html`<div class="notice info"><p>${state.notice.value}</p></div>`);
    if (failure) notes.push(failureNote(failure));
    else if (document) {
      if (document.error) notes.push(errorNote(document.error, goTo));
      notes.push(...document.diagnostics.map((diagnostic) => diagnosticNote(diagnostic, goTo)));
    }
    parent.hidden = notes.length === 0;
    render(notes, parent);
    parent.scrollTop = 0;
  });
}

/** @param {Failure} failure */
function failureNote({ title, detail, advice }) {
  return html`<div class="notice error" role="alert">
    <h3>${title}</h3>
    ${detail ? html`<p class="message">${detail}</p>` : nothing}
    <p>${advice}</p>
  </div>`;
}

/** @param {RunError} error @param {(line: number) => void} goTo */
function errorNote({ type, message, line, explanation, traceback }, goTo) {
  return html`<div class="notice error" role="alert">
    <h3>${type}${line === null ? nothing : html` at ${lineReference(line, goTo)}`}</h3>
    ${message ? html`<p class="message">${message}</p>` : nothing}
    ${explanation
      ? html`<p><strong>${prose(explanation.title)}</strong> ${prose(explanation.why)}</p>
          ${explanation.fix ? html`<p class="fix">${prose(explanation.fix)}</p>` : nothing}`
      : nothing}
    ${traceback.length === 0
      ? nothing
      : html`<details class="traceback">
          <summary>Traceback, ${countText(traceback.length, "frame")}</summary>
          <ol class="plain-list">
            ${traceback.map((frame) => html`<li>
              <span class="muted">${frame.function}, ${lineReference(frame.line, goTo)}</span>
              <code>${frame.code}</code>
            </li>`)}
          </ol>
        </details>`}
  </div>`;
}

/** @param {Diagnostic} diagnostic @param {(line: number) => void} goTo */
function diagnosticNote({ severity, line, title, why, fix }, goTo) {
  const head = html`${prose(title)}${line === null ? nothing : html` <span class="muted">line ${line}</span>`}`;
  return html`<details class=${`notice ${severity}`}>
    <summary>${head}</summary>
    ${why ? html`<p>${prose(why)}</p>` : nothing}
    ${fix ? html`<p class="fix">${prose(fix)}</p>` : nothing}
    ${line === null ? nothing : html`<p>${lineReference(line, goTo)}</p>`}
  </details>`;
}
