/** Keyboard shortcuts that work anywhere on the page, and the dialog that lists them. */

/** @type {Record<string, string>} */
const STEPS = { ",": "previous", ".": "next", l: "line", n: "nan" };
/** @type {Record<string, string>} */
const FILM = { " ": "play", ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };

/** What takes these keys itself. @param {EventTarget | null} target */
const hasOwnKeys = (target) =>
  target instanceof Element &&
  target.closest("g.node, button, summary, select, input, a, [role=tab], [role=separator], [role=tabpanel]") !== null;

/**
 * @param {HTMLElement} button
 * @param {{run: () => void, clear: () => void, act: (name: string) => boolean, find: () => void}} options `act`: of the timeline
 */
export function createKeys(button, { run, clear, act, find }) {
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
    else if (ctrlKey || metaKey || event.altKey || isTyping) return;
    else if (key === "/") find();
    else if (key in STEPS) return void (act(STEPS[key] ?? "") && event.preventDefault());
    else if (key in FILM && !hasOwnKeys(event.target)) return void (act(FILM[key] ?? "") && event.preventDefault());
    else return;
    event.preventDefault();
  });
}
