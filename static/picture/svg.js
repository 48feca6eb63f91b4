/** SVG elements, and motion of them that honours the wish for none. */

const SVG = "http://www.w3.org/2000/svg";
const MOVE_MS = 380;

/** @param {string} name @param {Record<string, string | number>} attributes @returns {SVGElement} */
export function create(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** Sets an attribute if it is another one. @param {Element} element @param {string} name @param {string} value */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export const motionIsWanted = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Shows an element as it was and lets it become what it is.
 * @param {Element} element @param {Keyframe} before @param {Keyframe} now
 */
export function animateFrom(element, before, now) {
  return element.animate([before, now], { duration: MOVE_MS, easing: "ease-in-out" });
}
