/** What the editor offers while one types: the program's own names, Python's, and those behind a module of torch. */

import { completeFromList, ifNotIn } from "@codemirror/autocomplete";
import { globalCompletion, localCompletionSource } from "@codemirror/lang-python";

/**
 * @import {Completion, CompletionContext, CompletionResult, CompletionSource} from "@codemirror/autocomplete"
 */

/** What the modules of torch hold; read from the server when it is first needed. @type {Promise<Record<string, string[]>> | undefined} */
let loading;

function members() {
  loading ??= fetch("/completions.json")
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => {
      loading = undefined; // the next one tries again
      return {};
    });
  return loading;
}

const NOT_CODE = ["String", "FormatString", "Comment"];
const ALIAS = /^\s*(?:import\s+([\w.]+)(?:\s+as\s+(\w+))?|from\s+([\w.]+)\s+import\s+(.+))$/gm;

/** @type {CompletionSource} */
export const completionsOf = ifNotIn(NOT_CODE, (context) => {
  const attribute = context.matchBefore(/[\w.\])]+\.\w*$/);
  if (attribute) return attributesOf(attribute.text, attribute.from, context);
  if (context.matchBefore(/^\s*(?:from|import)\s+[\w.]*$/)) return modules(context);
  if (!context.explicit && !context.matchBefore(/\w$/)) return null;
  return namesOf(context);
});

/** Both of Python's and of the program's. @param {CompletionContext} context @returns {Promise<CompletionResult | null>} */
async function namesOf(context) {
  const found = await Promise.all([localCompletionSource(context), globalCompletion(context)]);
  const results = found.filter((each) => each !== null);
  const [first] = results;
  if (!first) return null;
  const labels = new Map(results.flatMap(({ options }) => options).map((option) => [option.label, option]));
  for (const label of labels.keys())
    if (/^(?:[A-Z]\w*(?:Warning|Exit|Interrupt)|__\w+__)$/.test(label)) labels.delete(label);
  return { from: first.from, options: [...labels.values()], validFor: /^\w*$/ };
}

/** @param {string} text `torch.nn.Li` @param {number} from @param {CompletionContext} context @returns {Promise<CompletionResult | null>} */
async function attributesOf(text, from, context) {
  const dot = text.lastIndexOf(".");
  const path = fullPath(text.slice(0, dot), context.state.doc.toString());
  const known = await members();
  const names = known[path] ?? (path in MODULES ? null : known["torch.Tensor"]);
  if (!names) return null;
  const options = names.map((label) => /** @type {Completion} */ ({ label, type: kindOf(label) }));
  return { from: from + dot + 1, options, validFor: /^\w*$/ };
}

/** Modules whose members are not known here: nothing is offered rather than something wrong. */
const MODULES = {
  np: 1,
  numpy: 1,
  plt: 1,
  math: 1,
  random: 1,
  os: 1,
  sys: 1,
  time: 1,
  self: 1,
  "matplotlib.pyplot": 1,
};

/** `nn.Linear` of a program with `from torch import nn` is `torch.nn.Linear`. @param {string} path @param {string} code */
export function fullPath(path, code) {
  const [first = "", ...rest] = path.split(".");
  for (const [, module = "", alias, from = "", imported = ""] of code.matchAll(ALIAS)) {
    if (alias === first) return [module, ...rest].join(".");
    for (const each of imported.split(",")) {
      const [name = "", as = name] = each.trim().split(/\s+as\s+/);
      if (as === first) return [from, name, ...rest].join(".");
    }
  }
  return path;
}

/** @param {string} label */
const kindOf = (label) => (/^[A-Z]/.test(label) ? "class" : "function");

const modules = completeFromList([
  ...["torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.autograd"],
  ...["numpy", "math", "random", "matplotlib.pyplot"],
]);
