/** LaTeX as mathematics. KaTeX comes when the first formula is shown. */

/** @typedef {typeof import("katex").default} Katex */

/** @type {Promise<Katex> | undefined} */
let loading;
/** @type {Katex | undefined} */
let katex;

/** A formula on a line of its own. @param {string} latex @param {string} text the same for those who hear it */
export function formula(latex, text = latex) {
  const element = document.createElement("div");
  element.className = "formula";
  element.tabIndex = 0; // a wide one is scrolled, by keyboard too
  element.role = "group";
  element.ariaLabel = text;
  return show(element, latex, text, true);
}

/** A letter within text. @param {string} latex */
export function letter(latex) {
  return show(document.createElement("span"), latex, latex, false);
}

/**
 * Until KaTeX is there, and where it is not, the plain text. KaTeX puts MathML beside its
 * picture, which is what screen readers read.
 * @param {HTMLElement} element @param {string} latex @param {string} text @param {boolean} displayMode
 */
function show(element, latex, text, displayMode) {
  const render = (/** @type {Katex} */ loaded) =>
    loaded.render(latex, element, { displayMode, throwOnError: false, maxSize: 20 });
  if (katex) {
    render(katex); // at once, for cards are drawn anew at every step
    return element;
  }
  element.textContent = text;
  loading ??= import("katex").then((module) => (katex = module.default));
  loading.then(render).catch(() => (loading = undefined)); // the text stays; the next one tries again
  return element;
}
