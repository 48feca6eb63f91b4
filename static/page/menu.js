/** A menu under a button; it closes when the user clicks or moves the focus elsewhere. */

/** @param {HTMLElement} parent a `details` element @returns {{close: () => void}} */
export function createMenu(parent) {
  const menu = /** @type {HTMLDetailsElement} */ (parent);
  const button = /** @type {HTMLElement} */ (menu.querySelector("summary"));
  const close = () => void (menu.open = false);

  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(/** @type {globalThis.Node} */ (target))) close();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(/** @type {globalThis.Node} */ (relatedTarget))) close();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      event.stopPropagation();
      close();
      button.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    menu.open = true;
    const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".menu-item")]);
    const at = items.findIndex((item) => item === document.activeElement);
    const to = at < 0 && step < 0 ? -1 : (at + step) % items.length;
    items.at(to)?.focus();
  });
  return { close };
}
