/** LaTeX as mathematics. KaTeX is loaded when the first formula is shown. */

/** @typedef {typeof import("katex").default} Katex */

/** @type {Promise<Katex> | undefined} */
let loading;
/** @type {Katex | undefined} */
let katex;

/** A displayed formula. @param {string} latex @param {string} text the same as plain text, for screen readers */
export function formula(latex, text = latex) {
  const element = document.createElement("div");
  element.className = "formula";
  element.tabIndex = 0; // so that a wide one can be scrolled by keyboard
  element.role = "group";
  element.ariaLabel = text;
  return show(element, latex, text, true);
}

/** A symbol within text. @param {string} latex */
export function letter(latex) {
  return show(document.createElement("span"), latex, latex, false);
}

/**
 * Until KaTeX is loaded, or if it cannot be, the plain text. KaTeX adds MathML to its
 * output, which is what screen readers read.
 * @param {HTMLElement} element @param {string} latex @param {string} text @param {boolean} displayMode
 */
function show(element, latex, text, displayMode) {
  const render = (/** @type {Katex} */ loaded) => {
    loaded.render(latex, element, { displayMode, throwOnError: false, maxSize: 20 });
    if (displayMode) requestAnimationFrame(() => fit(element));
  };
  if (katex) {
    render(katex); // synchronously, as cards are rendered again at every step
    return element;
  }
  element.textContent = text;
  loading ??= Promise.all([import("katex"), styled()]).then(([module]) => (katex = module.default));
  loading.then(render).catch(() => (loading = undefined)); // the text stays; the next formula tries again
  return element;
}

const SMALLEST = 0.75; // of its size; a formula that is wider even so can be scrolled

/** A wide formula becomes smaller, so that all of it is seen. @param {HTMLElement} element */
function fit(element) {
  const { clientWidth, scrollWidth } = element;
  if (!clientWidth || scrollWidth <= clientWidth) return;
  element.style.setProperty("font-size", `${Math.max(SMALLEST, clientWidth / scrollWidth) * 100}%`);
}

/** KaTeX's style sheet; its address is in the import map. */
function styled() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = import.meta.resolve("katex.css");
  const loaded = new Promise((done, failed) => {
    sheet.onload = done;
    sheet.onerror = failed;
  });
  document.head.append(sheet);
  return loaded;
}
