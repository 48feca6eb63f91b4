/** Keyboard shortcuts that work anywhere on the page, and the dialog that lists them. */

/**
 * @param {HTMLElement} button
 * @param {{run: () => void, clear: () => void, previous: () => void, next: () => void}} options
 */
export function createKeys(button, { run, clear, previous, next }) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  button.addEventListener("click", () => dialog.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const { key, ctrlKey, metaKey } = event;
    const isTyping =
      event.target instanceof Element && event.target.closest(".cm-editor, input:not([type=range])") !== null;
    if (key === "Enter" && (ctrlKey || metaKey)) run();
    else if (key === "Escape" && !isTyping) clear();
    else if (key === "?" && !isTyping) dialog.showModal();
    else if (key === "," && !isTyping) previous();
    else if (key === "." && !isTyping) next();
    else return;
    event.preventDefault();
  });
}
