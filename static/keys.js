/** Keys that work anywhere on the page, and the dialog that lists all. */

/**
 * @param {HTMLElement} button
 * @param {{run: () => void, clear: () => void}} options
 */
export function createKeys(button, { run, clear }) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("keys"));
  button.addEventListener("click", () => dialog.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const { key, ctrlKey, metaKey } = event;
    const isTyping = event.target instanceof Element && event.target.closest(".cm-editor, input") !== null;
    if (key === "Enter" && (ctrlKey || metaKey)) run();
    else if (key === "Escape" && !isTyping) clear();
    else if (key === "?" && !isTyping) dialog.showModal();
    else return;
    event.preventDefault();
  });
}
