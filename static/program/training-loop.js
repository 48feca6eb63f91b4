/** Whether a program is run live: it trains in a long loop, so that it is worth watching, or it reads its input. */

import { pythonLanguage } from "@codemirror/lang-python";

/**
 * @import {SyntaxNode, Tree} from "@lezer/common"
 * @typedef {{tree: Tree, code: string}} Source
 */

const MANY_ITERATIONS = 20;
const GRADIENTS = new Set(["backward", "grad"]);
const METADATA = /^# \/\/\/ gradfn$/m; // the block that describes controls and charts of a live run

/** @param {string} code @returns {boolean} */
export function hasTrainingLoop(code) {
  const source = { tree: pythonLanguage.parser.parse(code), code };
  const trainers = namesThatTrain(source);
  if (METADATA.test(code)) return trains(source.tree.topNode, trainers, source);
  const loops = nodesIn(source.tree.topNode, ["ForStatement", "WhileStatement"], source);
  return loops.some((loop) => isLong(loop, source) && trains(loop, trainers, source));
}

/** Whether somebody has to type what it reads. @param {string} code @returns {boolean} */
export function readsInput(code) {
  const source = { tree: pythonLanguage.parser.parse(code), code };
  return nodesIn(source.tree.topNode, ["VariableName", "MemberExpression"], source).some((each) => {
    const text = textOf(each, source);
    return text === "sys.stdin" || (text === "input" && isCalled(each));
  });
}

/** The program's functions and classes that compute gradients, themselves or by others of these. @param {Source} source */
function namesThatTrain(source) {
  /** The definitions in which each name is used. @type {Map<string, string[]>} */
  const users = new Map();
  /** @type {Set<string>} */
  const names = new Set();
  for (const definition of nodesIn(source.tree.topNode, ["FunctionDefinition", "ClassDefinition"], source)) {
    const own = definition.getChild("VariableName");
    if (!own) continue;
    const name = textOf(own, source);
    if (trains(definition, NOBODY, source)) names.add(name);
    for (const used of new Set(namesUsedIn(definition, source))) users.set(used, [...(users.get(used) ?? []), name]);
  }
  for (const name of names) for (const user of users.get(name) ?? []) names.add(user);
  return names;
}

/** @type {Set<string>} */
const NOBODY = new Set();

/**
 * Whether backward() or grad() is called in it, or a function that does so is named: it may be
 * called, or passed on as a closure.
 * @param {SyntaxNode} node @param {Set<string>} trainers @param {Source} source
 */
function trains(node, trainers, source) {
  const calls = nodesIn(node, ["VariableName", "PropertyName"], source).some(
    (each) => GRADIENTS.has(textOf(each, source)) && isCalled(each),
  );
  return calls || namesUsedIn(node, source).some((name) => trainers.has(name));
}

/** Without those of definitions. @param {SyntaxNode} node @param {Source} source */
function namesUsedIn(node, source) {
  return nodesIn(node, ["VariableName", "PropertyName"], source)
    .filter((each) => !/Definition$/.test(each.parent?.name ?? ""))
    .map((each) => textOf(each, source))
    .filter((name) => !GRADIENTS.has(name));
}

/** Whether an argument list follows: `w.grad` alone is only read. @param {SyntaxNode} name */
function isCalled(name) {
  const callee = name.parent?.name === "MemberExpression" ? name.parent : name;
  return callee.nextSibling?.name === "ArgList";
}

/** A `while`, or a `for` over a range() that is not known to be short. @param {SyntaxNode} loop @param {Source} source */
function isLong(loop, source) {
  if (loop.name === "WhileStatement") return true;
  const call = loop.getChild("CallExpression", "in");
  const callee = call?.getChild("VariableName");
  if (!call || !callee || textOf(callee, source) !== "range") return false;
  const values = (call.getChild("ArgList")?.getChildren("Expression") ?? []).map((each) =>
    Number(textOf(each, source)),
  );
  const [start = 0, end = 0] = values.length === 1 ? [0, ...values] : values;
  return !(end - start < MANY_ITERATIONS); // NaN: what is no number may be large
}

/** The nodes of these kinds within one. @param {SyntaxNode} within @param {string[]} kinds @param {Source} source */
function nodesIn({ from, to }, kinds, { tree }) {
  /** @type {SyntaxNode[]} */
  const found = [];
  tree.iterate({
    from,
    to,
    enter: (each) => {
      if (each.from >= from && each.to <= to && kinds.includes(each.name)) found.push(each.node);
    },
  });
  return found;
}

/** @param {SyntaxNode} node @param {Source} source */
function textOf({ from, to }, { code }) {
  return code.slice(from, to);
}
