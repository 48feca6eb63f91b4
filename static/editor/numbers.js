/** Numbers in the program that are dragged: the text changes, and whoever runs it obeys. */

import { EditorView } from "@codemirror/view";

/**
 * A number in a line, and the name that it is assigned to, if that is all of the line.
 * @typedef {{from: number, to: number, text: string, name: string | null}} Found
 */

const NUMBER = /(?<![\w.])-?\d+(?:\.\d*)?(?:e-?\d+)?(?![\w.])/gi;
const ASSIGNED = /^\s*(\w+)\s*=\s*(-?\d+(?:\.\d*)?(?:e-?\d+)?)\s*(?:#.*)?$/i;
const PIXELS = 4; // for each step

/** @param {string} line @param {number} column @returns {Found | null} */
export function numberAt(line, column) {
  const found = [...line.matchAll(NUMBER)].find(
    ({ index, 0: text }) => index <= column && column <= index + text.length,
  );
  if (!found) return null;
  const name = line.match(ASSIGNED)?.[1] ?? null;
  return { from: found.index, to: found.index + found[0].length, text: found[0], name };
}

/** The number so many of its last digits larger. @param {string} text @param {number} steps */
export function movedBy(text, steps) {
  const [mantissa = "", exponent] = text.toLowerCase().split("e");
  const digits = mantissa.split(".")[1]?.length ?? 0;
  const moved = (Number(mantissa) + steps / 10 ** digits).toFixed(digits);
  return exponent === undefined ? moved : `${moved}e${exponent}`;
}

/** The program with another number in the first line that assigns one to a name; null without such a line. @param {string} code @param {string} name @param {string} number */
export function assign(code, name, number) {
  const lines = code.split("\n");
  const at = lines.findIndex((line) => line.match(ASSIGNED)?.[1] === name);
  const old = lines[at]?.match(ASSIGNED)?.[2];
  if (old === undefined) return null;
  const start =
    lines.slice(0, at).join("\n").length + (at ? 1 : 0) + /** @type {string} */ (lines[at]).indexOf(old, name.length);
  return { from: start, to: start + old.length, insert: number };
}

/** With Alt, a number is dragged. @param {(name: string | null, number: number) => void} dragged after each change */
export function numberDragging(dragged) {
  return EditorView.domEventHandlers({
    mousedown(event, view) {
      const position = event.altKey && event.button === 0 ? view.posAtCoords(event) : null;
      if (position === null) return false;
      const line = view.state.doc.lineAt(position);
      const found = numberAt(line.text, position - line.from);
      if (!found) return false;
      const from = line.from + found.from;
      let shown = found.text;
      const move = (/** @type {PointerEvent} */ { clientX }) => {
        const text = movedBy(found.text, Math.round((clientX - event.clientX) / PIXELS));
        if (text === shown) return;
        view.dispatch({ changes: { from, to: from + shown.length, insert: text }, userEvent: "input.drag" });
        shown = text;
        dragged(found.name, Number(text));
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", () => window.removeEventListener("pointermove", move), { once: true });
      event.preventDefault();
      return true;
    },
  });
}
