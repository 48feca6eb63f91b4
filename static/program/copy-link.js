/** A button that copies a link to the program. */

import { MAX_LINK_CHARACTERS, encodeLink } from "./link.js";

/** @import {State} from "../state/state.js" */

/** @param {HTMLElement} button @param {{state: State}} options */
export function createCopyLink(button, { state }) {
  button.addEventListener("click", async () => {
    const hash = await encodeLink(state.code.value);
    if (hash.length > MAX_LINK_CHARACTERS) {
      state.notice.value = "The program is too long for a link. Share it as a file.";
      return;
    }
    const link = `${location.origin}/${hash}`;
    try {
      await navigator.clipboard.writeText(link);
      state.notice.value = "Link copied. It contains the program: whoever opens it sees the code and can run it.";
    } catch {
      showLink(link);
    }
  });
}

/** Outside localhost and https, browsers do not let a page write to the clipboard. @param {string} link */
function showLink(link) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("link-dialog"));
  const field = /** @type {HTMLInputElement} */ (document.getElementById("link-field"));
  field.value = link;
  dialog.showModal();
  field.select();
}
