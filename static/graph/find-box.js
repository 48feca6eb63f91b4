/** The field that finds elements of the graph, and the list of what was found. */

import { html, nothing, render } from "lit";
import { effect, signal } from "@preact/signals-core";
import { MOST_FOUND, find } from "./find.js";

/** @import {State} from "../state/state.js" */

/** @param {HTMLElement} stage @param {{state: State}} options */
export function createFindBox(stage, { state }) {
  const box = document.createElement("search");
  box.className = "find-box";
  stage.append(box);
  const query = signal("");
  const isOpen = signal(false);

  const field = () => /** @type {HTMLInputElement | null} */ (box.querySelector("input"));
  const open = () => {
    isOpen.value = true;
    field()?.focus();
  };
  const close = () => {
    isOpen.value = false;
    query.value = "";
  };

  effect(() => {
    const run = state.document.value;
    box.hidden = !state.layout.value;
    if (!isOpen.value) {
      return void render(html`<button class="chip" type="button" title="Find (/)" @click=${open}>Find</button>`, box);
    }
    const found = run ? find(query.value, run) : [];
    const choose = (/** @type {string} */ id) => {
      state.select(id);
      if (found.length === 1) close();
    };
    const keydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && found[0])
        choose(
          next(
            found.map(({ id }) => id),
            state.selected.value,
          ),
        );
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    render(
      html`<input type="text" aria-label="Find in the graph" placeholder="name, operation, line 8, nan, grad=0"
          spellcheck="false" autocomplete="off" .value=${query.value} @keydown=${keydown}
          @input=${(/** @type {InputEvent} */ event) => (query.value = /** @type {HTMLInputElement} */ (event.target).value)} />
        <button class="chip" type="button" aria-label="Close the search" @click=${close}>×</button>
        <p class="unseen" role="status">${query.value ? `${found.length} found` : ""}</p>
        ${
          found.length
            ? html`<ul>${found.map(
                ({ id, name, what }) =>
                  html`<li><button type="button" aria-pressed=${String(state.selected.value === id)} @click=${() => choose(id)}><code>${name}</code> <span class="muted">${what}</span></button></li>`,
              )}${found.length === MOST_FOUND ? html`<li class="muted">the first ${MOST_FOUND}</li>` : nothing}</ul>`
            : query.value
              ? html`<p class="none-found muted">nothing found</p>`
              : nothing
        }`,
      box,
    );
  });
  return { open };
}

/** After what is selected; from the last one on to the first. @param {string[]} ids @param {string | null} selected */
function next(ids, selected) {
  return /** @type {string} */ (ids[(ids.indexOf(selected ?? "") + 1) % ids.length]);
}
