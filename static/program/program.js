/** Which program is open: an example by its address, one from a link, or the user's own edits. */

import { effect } from "@preact/signals-core";
import { session } from "../state/storage.js";
import { BadLink, decodeLink } from "./link.js";

/**
 * @import {Origin, State} from "../state/state.js"
 * @import {Example} from "../state/types.js"
 * @typedef {{first: string, shown: string, examples: Example[]}} Programs what the page came with
 */

// Every history entry keeps its own edits, so going back loses nothing. They are written as they are typed, and
// not into the history itself: browsers limit how often that may be written, and write it late.
const EDITS = "gradfn:edits:";

/**
 * @param {HTMLElement} menu
 * @param {{state: State, programs: Programs, opened: (mayRun: boolean) => void, close: () => void}} options
 */
export function createProgram(menu, { state, programs, opened, close }) {
  /** Where the edits of the open program are kept; null while none is open. @type {string | null} */
  let edits = null;
  let address = "";

  menu.addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[data-slug], [data-new]") : null;
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    close();
    history.pushState(null, "", item.getAttribute("href"));
    open();
  });
  window.addEventListener("popstate", open);
  effect(() => {
    const code = state.code.value;
    if (edits !== null) session.write(edits, code);
  });

  /** Opens the program of the address. Only built-in programs are run without being asked. */
  async function open() {
    edits = null;
    address = location.href;
    const entry = history.state?.entry ?? `${Date.now()} ${Math.random()}`;
    history.replaceState({ entry }, "");
    const kept = session.read(EDITS + entry);
    const example = exampleAt(location.pathname, programs);
    let notice = "";
    let linked = null;
    try {
      linked = await decodeLink(location.hash);
    } catch (error) {
      if (!(error instanceof BadLink)) throw error;
      notice = `${error.message} Here is an example instead.`;
    }
    if (location.href !== address) return;
    const isNew = location.hash === NEW_HASH;
    const origin = isNew ? NEW : linked === null ? originOf(example) : LINKED;
    const original = isNew ? NEW_CODE : (linked?.code ?? example.code);
    const code = kept ?? original;
    if (linked !== null && code === linked.code) notice = "This program came from a link. Read it, then press Run.";
    state.programOpened(origin, original, code, { notice, seen: linked?.seen ?? {} });
    edits = EDITS + entry;
    // Edits in an entry of the history are the reader's own.
    opened(linked === null && !isNew);
  }

  effect(() => showOrigin(state.origin.value, menu));
  effect(() => {
    const { edited, origin } = state;
    const title = document.getElementById("program-title");
    if (title) title.textContent = edited.value ? `${origin.value.title}, edited` : origin.value.title;
  });
  return { open };
}

const NEW_HASH = "#new";
const NEW_CODE = "import torch\n\n";
/** @type {Origin} */
const NEW = { slug: null, title: "My program", part: "", summary: "" };
/** @type {Origin} */
const LINKED = { slug: null, title: "Program from a link", part: "", summary: "" };

/** @param {Example} example @returns {Origin} */
function originOf({ slug, title, part, summary }) {
  return { slug, title, part, summary };
}

/** @param {string} path @param {Programs} programs @returns {Example} */
function exampleAt(path, { first, examples }) {
  const slug = path.match(/^\/(?:examples|embed)\/([^/]+)$/)?.[1] ?? first;
  return /** @type {Example} */ (examples.find((example) => example.slug === slug) ?? examples[0]);
}

/** @param {Origin} origin @param {HTMLElement} menu */
function showOrigin({ slug, title, part, summary }, menu) {
  if (!title) return;
  document.title = `${title} · gradfn`;
  for (const [id, text] of Object.entries({ title, part, summary })) {
    const element = document.getElementById(`program-${id}`);
    if (element) element.textContent = text;
  }
  for (const item of menu.querySelectorAll("[data-slug]")) {
    if (item.getAttribute("data-slug") === slug) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
}
