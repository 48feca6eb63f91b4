/** Notes under the program: its error, and its warnings and mistakes. */

import { html, nothing, render } from "lit";
import { effect } from "@preact/signals-core";
import { countText } from "../text/number.js";
import { prose } from "../text/prose.js";
import { lineReference, reference } from "../text/reference.js";

const MOST_NODES = 4;

/**
 * @import {TemplateResult} from "lit"
 * @import {Live} from "../state/live.js"
 * @import {State} from "../state/state.js"
 * @import {Diagnostic, Edit, Explanation, Failure, RunError} from "../state/types.js"
 */

/**
 * @typedef {{state: State, live: Live, goTo: (line: number) => void, apply: (edits: Edit[]) => void}} Context
 */

/** @param {HTMLElement} parent @param {Context} context */
export function createNotes(parent, context) {
  const { state, live } = context;
  effect(() => {
    const document = state.document.value;
    const failure = state.failure.value;
    /** @type {TemplateResult[]} */
    const notes = [];
    if (state.notice.value) notes.push(html`<div class="notice info"><p>${state.notice.value}</p></div>`);
    if (failure) notes.push(failureNote(failure));
    else if (document) {
      if (document.error) notes.push(errorNote(document.error, context));
      notes.push(...document.diagnostics.map((diagnostic) => diagnosticNote(diagnostic, context)));
    }
    if (live.status.value !== "ended") {
      notes.push(...live.diagnostics.value.map((diagnostic) => diagnosticNote(diagnostic, context)));
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

/** @param {RunError} error @param {Context} context */
function errorNote({ type, message, line, explanation, traceback }, context) {
  const { goTo } = context;
  return html`<div class="notice error" role="alert">
    <h3>${type}${line === null ? nothing : html` at ${lineReference(line, goTo)}`}</h3>
    ${message ? html`<p class=${explanation ? "message brief" : "message"} tabindex="0">${message}</p>` : nothing}
    ${
      explanation
        ? html`<p><strong>${prose(explanation.title)}</strong> ${prose(explanation.why)}</p>
          ${explanation.fix ? html`<p class="fix">${prose(explanation.fix)}</p>` : nothing}
          ${remedies(explanation, context, line)}`
        : nothing
    }
    ${
      traceback.length === 0
        ? nothing
        : html`<details class="traceback">
          <summary>Traceback, ${countText(traceback.length, "frame")}</summary>
          <ol class="plain-list">
            ${traceback.map(
              (frame) => html`<li>
              <span class="muted">${frame.function}, ${lineReference(frame.line, goTo)}</span>
              <code>${frame.code}</code>
            </li>`,
            )}
          </ol>
        </details>`
    }
  </div>`;
}

/** @param {Diagnostic} diagnostic @param {Context} context */
function diagnosticNote(diagnostic, context) {
  const { severity, line, title, why, fix, certainty } = diagnostic;
  const beside = [line === null ? "" : `line ${line}`, certainty ?? ""].filter(Boolean).join(", ");
  const head = html`${prose(title)}${beside ? html` <span class="muted">${beside}</span>` : nothing}`;
  return html`<details class=${`notice ${severity}`}>
    <summary>${head}</summary>
    ${why ? html`<p>${prose(why)}</p>` : nothing}
    ${fix ? html`<p class="fix">${prose(fix)}</p>` : nothing}
    ${remedies(diagnostic, context, null)}
  </details>`;
}

/**
 * The edit that fixes it, its line and nodes, and the chapter of the guide.
 * @param {Explanation | Diagnostic} explanation @param {Context} context @param {number | null} known the line that is shown already
 */
function remedies({ line, tensors, functions, edits, guide }, { state, goTo, apply }, known) {
  const ids = [...functions, ...tensors].filter((id) => state.functions.value.has(id) || state.tensors.value.has(id));
  const cause = line === null || line === known ? nothing : lineReference(line, goTo);
  if (!edits.length && cause === nothing && !ids.length && !guide) return nothing;
  return html`${
    edits.length
      ? html`<div class="edit">
          <pre tabindex="0" aria-label="The change">${edits.map((edit) => html`${removed(edit, state.ran.value ?? "")}<ins>${edit.text}</ins>`)}</pre>
          <button class="button" type="button" ?disabled=${state.stale.value} @click=${() => apply(edits)}>Apply and run</button>
        </div>`
      : nothing
  }
    <p class="about">
      ${cause} ${ids.slice(0, MOST_NODES).map((id) => html`${reference(state, id)} `)}
      ${guide ? html`<a href=${guide}>In the guide</a>` : nothing}
    </p>`;
}

/** The lines that are removed. @param {Edit} edit @param {string} code */
function removed({ line, end_line }, code) {
  return end_line < line
    ? nothing
    : html`<del>${code
        .split("\n")
        .slice(line - 1, end_line)
        .join("\n")}</del>`;
}
