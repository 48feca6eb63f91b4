/** A function as mathematics: its formula, each local derivative, the numbers of this run. */

import { html, nothing } from "lit";
import { formula, letter } from "../text/formula.js";
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
  return html`<section class="formulas" aria-label="Formula">
    ${
      forward
        ? html`<h4>forward</h4>
          ${formula(joined(forward, numbers), text)} ${letters(found, symbols, state)}`
        : nothing
    }
    ${partials.map((partial) => derivative(partial, found, state))}
    ${
      pytorch
        ? html`<h4>PyTorch’s definition</h4>
          <pre class="definition">${definition(pytorch, partials)}</pre>`
        : nothing
    }
  </section>`;
}

/** What the letters stand for. @param {GradFunction} found @param {Record<string, string>} symbols @param {State} state */
function letters(found, symbols, state) {
  const meanings = Object.entries(symbols).filter(([argument]) => argument !== "grad");
  if (meanings.length === 0) return nothing;
  return html`<ul class="letters" aria-label="Letters">
    ${meanings.map(([argument, symbol]) => html`<li>${letter(symbol)} ${argument} ${whose(found, argument, state)}</li>`)}
    ${symbols.grad && found.variable === null ? html`<li>${letter(symbols.grad)} the incoming gradient</li>` : nothing}
  </ul>`;
}

/** The tensor that was passed as an argument. @param {GradFunction} found @param {string} argument @param {State} state */
function whose(found, argument, state) {
  const id =
    argument === "result" ? found.outputs[0] : found.inputs.find((operand) => operand.argument === argument)?.tensor;
  const tensor = id ? state.tensors.value.get(id) : undefined;
  return id && tensor?.names.length ? html`= ${reference(state, id)}` : nothing;
}

/** @param {Partial} partial @param {GradFunction} found @param {State} state */
function derivative(partial, found, state) {
  const { argument, latex, vjp, text, numbers, vjp_numbers, jacobian } = partial;
  if (!latex) return nothing;
  return html`<h4>for ${argument} ${whose(found, argument, state)}</h4>
    ${latex === vjp ? nothing : formula(joined(latex, numbers))} ${formula(joined(vjp, vjp_numbers), text)}
    ${
      jacobian
        ? html`<details class="jacobian">
          <summary>Jacobian, one row per element of the result</summary>
          ${valueTable(jacobian, "J")}
        </details>`
        : nothing
    }`;
}

const LONG_LATEX = 150; // characters; a longer equation takes two lines, as cards are narrow

/** "z = x · y" and "z = 3 · 2 = 6" as one equation. @param {string} letters @param {string | null} numbers */
function joined(letters, numbers) {
  if (numbers === null || numbers === letters) return letters;
  const left = letters.slice(0, letters.indexOf(" = "));
  const right = numbers.startsWith(`${left} = `) ? numbers.slice(left.length) : `,\\quad ${numbers}`;
  if (letters.length + right.length <= LONG_LATEX) return letters + right;
  return `\\begin{aligned} & ${letters} \\\\ & \\quad ${right} \\end{aligned}`;
}

/** The entry of derivatives.yaml. @param {string} schema @param {Partial[]} partials */
function definition(schema, partials) {
  return [schema, ...partials.map(({ argument, pytorch }) => `  ${argument}: ${pytorch}`)].join("\n");
}
