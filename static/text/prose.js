/** Explanations from the server, where `backticks` mark code. */

import { html } from "lit";

/** @param {string} text */
export function prose(text) {
  return text.split(/`([^`]+)`/).map((part, nr) => (nr % 2 ? html`<code>${part}</code>` : part));
}
