/** Formulas in the program's own names. No DOM. */

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,11}$/;
// A group of words or its name, a command, one letter, or anything else.
const TOKENS = /\\(?:mathrm|mathit|text|operatorname|begin|end)\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z]|[^A-Za-z\\]+|\\./g;

/**
 * What to write for the letters of a formula; nothing where a name would be taken for another letter.
 * @param {Record<string, string>} symbols by argument @param {Map<string, string>} names of the tensors, by argument
 * @returns {Map<string, string>} by letter
 */
export function lettersFor(symbols, names) {
  const entries = Object.entries(symbols).flatMap(([argument, letter]) => {
    const name = names.get(argument);
    return name && NAME.test(name) && /^[A-Za-z]$/.test(letter) ? [/** @type {const} */ ([letter, name])] : [];
  });
  const renamed = new Map(entries);
  const kept = Object.values(symbols).filter((letter) => !renamed.has(letter));
  const all = [...renamed.values(), ...kept];
  return new Set(all).size === all.length && renamed.size === entries.length ? renamed : new Map();
}

/** @param {string} latex @param {Map<string, string>} letters */
export function inOwnNames(latex, letters) {
  return latex.replace(TOKENS, (token) => {
    const name = letters.get(token);
    if (name === undefined) return token;
    return name.length === 1 ? name : `\\mathit{${name.replaceAll("_", "\\_")}}`;
  });
}
