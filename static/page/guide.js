/** The programs of the guide, each run in its place on the page. */

import { html, nothing, render } from "lit";
import { formula } from "../text/formula.js";
import { encodeLink } from "../program/link.js";
import { Picture } from "../picture/picture.js";
import { create } from "../picture/svg.js";
import { prose } from "../text/prose.js";

/** @import {Explanation, Layout, RunDocument} from "../state/types.js" */

const MARGIN = 6; // around the drawing, in its own units

for (const place of document.querySelectorAll("[data-latex]")) {
  place.replaceWith(formula(/** @type {HTMLElement} */ (place).dataset.latex ?? "", place.textContent ?? ""));
}
for (const place of document.querySelectorAll(".program")) createLive(/** @type {HTMLElement} */ (place));
document.documentElement.dataset.ready = "";

/** @param {HTMLElement} parent */
function createLive(parent) {
  /** @template {HTMLElement} E @param {string} selector @returns {E} */
  const part = (selector) => /** @type {E} */ (parent.querySelector(selector));
  const code = /** @type {HTMLTextAreaElement} */ (part("textarea"));
  const button = /** @type {HTMLButtonElement} */ (part("button"));
  const link = /** @type {HTMLAnchorElement} */ (part("a"));
  const status = part(".program-status");

  const linked = async () => void (link.href = `/${await encodeLink(code.value)}`);
  const run = async () => {
    button.disabled = true;
    status.textContent = "Running …";
    try {
      show(await ask(code.value));
      status.textContent = "";
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "The program could not be run.";
    }
    button.disabled = false;
  };
  /** @param {RunDocument} run */
  const show = (run) => {
    part(".program-result").hidden = false;
    part("pre").hidden = !run.stdout;
    part("pre").textContent = run.stdout;
    drawInto(part(".program-graph"), run.picture?.layout ?? null);
    render(notesOf(run), part(".program-notes"));
  };

  code.addEventListener("input", linked);
  code.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void run();
  });
  button.addEventListener("click", run);
  button.disabled = false;
  void linked();
}

/** @param {string} code @returns {Promise<RunDocument>} */
async function ask(code) {
  const answer = await fetch("/api/v1/graph", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code, options: { layout: true } }),
  });
  const run = await answer.json();
  if (!answer.ok) throw new Error(run.detail ?? run.title ?? "The server could not run the program.");
  return run;
}

/** @param {HTMLElement} parent @param {Layout | null} layout */
function drawInto(parent, layout) {
  parent.hidden = !layout;
  if (!layout) return;
  const picture = new Picture();
  picture.show(layout, { isSameGraph: false, shift: [0, 0] });
  const element = /** @type {SVGSVGElement} */ (create("svg", { class: "drawing" }));
  element.append(picture.drawing);
  parent.replaceChildren(element);
  const { x, y, width, height } = picture.box;
  element.setAttribute("viewBox", [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" "));
  element.style.width = `${width + 2 * MARGIN}px`;
}

/** @param {RunDocument} run */
function notesOf({ error, diagnostics }) {
  return html`${
    error
      ? html`<div class="notice error"><p><strong>${error.type}</strong> at line ${error.line}</p>
        <p class="message">${error.message}</p>${error.explanation ? explained(error.explanation) : nothing}</div>`
      : nothing
  }
  ${diagnostics.map((each) => html`<div class="notice ${each.severity}">${explained(each)}</div>`)}`;
}

/** @param {Pick<Explanation, "title" | "why" | "fix" | "line">} explanation */
function explained({ title, why, fix, line }) {
  return html`<p><strong>${prose(title)}</strong>${line === null ? nothing : html` <span class="muted">line ${line}</span>`}</p>
    <p>${prose(why)}</p><p class="fix">${prose(fix)}</p>`;
}
