/** The graph as a file: drawn again by the server, except the run document, which the page has. */

import { failureOf, postProgram } from "./runner.js";

/**
 * @import {State} from "../state/state.js"
 */

/** @param {HTMLElement} menu @param {{state: State, close: () => void}} options */
export function createDownloads(menu, { state, close }) {
  menu.addEventListener("click", async ({ target }) => {
    const item = target instanceof Element ? target.closest("[data-format]") : null;
    const format = item?.getAttribute("data-format");
    if (!format) return;
    close();
    const name = `${state.origin.value.slug ?? "graph"}.${format}`;
    try {
      save(format === "json" ? await documentFile(state) : await pictureFile(format, state), name);
    } catch (error) {
      const { title, detail, advice } = failureOf(error);
      state.notice.value = `${name} was not created. ${[title, detail, advice].filter(Boolean).join(". ")}`;
    }
  });
}

/** @param {string} format @param {State} state */
async function pictureFile(format, state) {
  // The film goes along the boxes that PyTorch has.
  const options = format === "html" ? {} : { ...state.view.value };
  return (await postProgram(`.${format}`, state.code.value, { options })).blob();
}

/** The document that the page has; the program is run if it was edited since. @param {State} state */
async function documentFile(state) {
  const current = state.stale.value ? null : state.document.value;
  const document =
    current ?? (await (await postProgram("", state.code.value, { options: { steps: true, by_hand: true } })).json());
  const text = JSON.stringify({ ...document, picture: undefined }, null, 2);
  return new Blob([text], { type: "application/json" });
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // By then the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
