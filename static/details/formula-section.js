/** A function as mathematics: its formula, each local derivative, the numbers of this run. */

import { html, nothing } from "lit";
import { formula, letter } from "../text/formula.js";
import { inOwnNames, lettersFor } from "../text/own-names.js";
import { reference } from "../text/reference.js";
import { valueTable } from "../text/value.js";

/**
 * @import {GradFunction, Partial} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

/** @param {GradFunction} found @param {State} state */
export function formulaSection(found, state) {
  const mathematics = found.formula;
  if (!mathematics) return nothing;
  const { forward, numbers, text, symbols, partials, pytorch } = mathematics;
  const own = ownLetters(found, symbols, state);
  return html`<section class="formulas" aria-label="Formula">
    ${
      forward
        ? html`<h4>forward</h4>
          ${formula(inOwnNames(joined(forward, numbers), own), text)} ${letters(found, symbols, own, state)}`
        : nothing
    }
    ${partials.map((partial) => derivative(partial, found, own, state))}
    ${
      pytorch
        ? html`<h4>PyTorch’s definition</h4>
          <pre class="definition">${definition(pytorch, partials)}</pre>`
        : nothing
    }
  </section>`;
}

/** The program's names for the letters. @param {GradFunction} found @param {Record<string, string>} symbols @param {State} state */
function ownLetters(found, symbols, state) {
  const named = Object.keys(symbols).flatMap((argument) => {
    const id = idOf(found, argument);
    const name =
      id && (argument !== "result" || found.outputs.length === 1) ? state.tensors.value.get(id)?.names[0] : "";
    return name ? [/** @type {const} */ ([argument, name])] : [];
  });
  return lettersFor(symbols, new Map(named));
}

/** What the letters stand for. @param {GradFunction} found @param {Record<string, string>} symbols @param {Map<string, string>} own @param {State} state */
function letters(found, symbols, own, state) {
  const meanings = Object.entries(symbols).filter(([argument]) => argument !== "grad");
  if (meanings.length === 0) return nothing;
  return html`<ul class="letters" aria-label="Letters">
    ${meanings.map(([argument, symbol]) => html`<li>${letter(inOwnNames(symbol, own))} ${argument} ${whose(found, argument, state)}</li>`)}
    ${symbols.grad && found.variable === null ? html`<li>${letter(inOwnNames(symbols.grad, own))} the incoming gradient</li>` : nothing}
  </ul>`;
}

/** The tensor that was passed as an argument. @param {GradFunction} found @param {string} argument @param {State} state */
function whose(found, argument, state) {
  const id = idOf(found, argument);
  const tensor = id ? state.tensors.value.get(id) : undefined;
  return id && tensor?.names.length ? html`= ${reference(state, id)}` : nothing;
}

/** @param {GradFunction} found @param {string} argument */
function idOf({ outputs, inputs }, argument) {
  return argument === "result" ? outputs[0] : inputs.find((operand) => operand.argument === argument)?.tensor;
}

/** @param {Partial} partial @param {GradFunction} found @param {Map<string, string>} own @param {State} state */
function derivative(partial, found, own, state) {
  const { argument, latex, vjp, text, numbers, vjp_numbers, jacobian } = partial;
  if (!latex) return nothing;
  return html`<h4>for ${argument} ${whose(found, argument, state)}</h4>
    ${latex === vjp ? nothing : formula(inOwnNames(joined(latex, numbers), own))} ${formula(inOwnNames(joined(vjp, vjp_numbers), own), text)}
    ${
      jacobian
        ? html`<details class="jacobian">
          <summary>Jacobian, one row per element of the result</summary>
          ${valueTable(jacobian, "J")}
        </details>`
        : nothing
    }`;
}

const LONG_LATEX = 150; // characters; a longer equation takes a line for each "=", as cards are narrow

/** "z = x · y" and "z = 3 · 2 = 6" as one equation. @param {string} letters @param {string | null} numbers */
function joined(letters, numbers) {
  if (numbers === null || numbers === letters) return letters;
  const left = letters.slice(0, letters.indexOf(" = "));
  const isSame = numbers.startsWith(`${left} = `);
  const right = isSame ? numbers.slice(left.length) : `,\\quad ${numbers}`;
  if (letters.length + right.length <= LONG_LATEX) return letters + right;
  if (!isSame) return `\\begin{aligned} & ${letters} \\\\ & \\quad ${right} \\end{aligned}`;
  const lines = right.split(" = ").filter(Boolean);
  return `\\begin{aligned} & ${letters} \\\\ & \\quad = ${lines.join(" \\\\ & \\quad = ")} \\end{aligned}`;
}

/** The entry of derivatives.yaml. @param {string} schema @param {Partial[]} partials */
function definition(schema, partials) {
  return [schema, ...partials.map(({ argument, pytorch }) => `  ${argument}: ${pytorch}`)].join("\n");
}
