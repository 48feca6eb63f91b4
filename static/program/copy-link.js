/** A button that copies a link to the program. */

import { MAX_LINK_CHARACTERS, encodeLink } from "./link.js";

/** @import {Seen, State} from "../state/state.js" */

/** @param {HTMLElement} button @param {{state: State}} options */
export function createCopyLink(button, { state }) {
  button.addEventListener("click", async () => {
    const hash = await encodeLink(state.code.value, seenBy(state));
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

/** What differs from what is shown at first. @param {State} state @returns {Seen} */
function seenBy({ view, position, selected }) {
  const { open, fold, compact, merged } = view.value;
  return {
    ...(open ? { open } : {}),
    ...(fold === false ? { fold } : {}),
    ...(compact ? {} : { compact }),
    ...(merged ? {} : { merged }),
    ...(position.value === null ? {} : { step: position.value }),
    ...(selected.value === null ? {} : { selected: selected.value }),
  };
}

/** Outside localhost and https, browsers do not let a page write to the clipboard. @param {string} link */
function showLink(link) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("link-dialog"));
  const field = /** @type {HTMLInputElement} */ (document.getElementById("link-field"));
  field.value = link;
  dialog.showModal();
  field.select();
}
