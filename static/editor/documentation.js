/** What a name is, under the pointer and while a call is typed: of torch, numpy, pyplot and the program. */

import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { StateEffect, StateField } from "@codemirror/state";
import { EditorView, hoverTooltip, showTooltip } from "@codemirror/view";
import { fullPath } from "./completion.js";

/**
 * @import {EditorState} from "@codemirror/state"
 * @import {Tooltip} from "@codemirror/view"
 * @import {State} from "../state/state.js"
 * @typedef {{signature: string, summary: string}} Documentation
 */

const NOT_CODE = /String|Comment/;
const DOTTED = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g;
const LONG = 160; // characters of a value
const PARSE_MS = 50; // what is typed may not have been read yet

/** @type {Map<string, Promise<Documentation | null>>} */
const asked = new Map();

/** @param {string} path `torch.nn.Linear` @returns {Promise<Documentation | null>} */
function ask(path) {
  const known = asked.get(path);
  if (known) return known;
  const answer = fetch(`/documentation/${encodeURIComponent(path)}`)
    .then((response) => (response.ok ? response.json() : Promise.reject(response)))
    .catch(() => {
      asked.delete(path); // the server may answer later
      return null;
    });
  asked.set(path, answer);
  return answer;
}

/** @param {State} state */
export function documentation(state) {
  /** @param {string} path as it is written @param {EditorState} editor @returns {Promise<Documentation | null>} */
  async function find(path, editor) {
    const own = ofProgram(path, editor, state);
    if (own) return own;
    const [first = "", ...rest] = path.split(".");
    const kind = state.variables.value.find(({ name }) => name === first)?.kind;
    if (kind === "tensor" && rest.length === 1) return ask(`torch.Tensor.${rest[0]}`);
    return path.includes(".") || first !== fullPath(first, text(editor)) ? ask(fullPath(path, text(editor))) : null;
  }

  const hover = hoverTooltip(async (view, position) => {
    const name = nameAt(view.state, position);
    const found = name && (await find(name.path, view.state));
    return found ? tooltip(found, name.from, name.to) : null;
  });

  const signature = EditorView.updateListener.of(({ view, docChanged, selectionSet }) => {
    if (!docChanged && !selectionSet) return;
    const call = callAt(view.state);
    const shown = view.state.field(typed)?.pos ?? null;
    if (!call) return void (shown === null || queueMicrotask(() => view.dispatch({ effects: show.of(null) })));
    if (call.from === shown) return;
    const { doc } = view.state;
    void find(call.path, view.state).then((found) => {
      const now = callAt(view.state);
      if (view.state.doc !== doc || now?.from !== call.from || now?.path !== call.path) return;
      view.dispatch({ effects: show.of(found?.signature ? tooltip(found, call.from) : null) });
    });
  });

  return [hover, typed, signature];
}

/** @type {import("@codemirror/state").StateEffectType<Tooltip | null>} */
const show = StateEffect.define();

/** The signature of the call that is typed. */
const typed = StateField.define({
  create: () => /** @type {Tooltip | null} */ (null),
  update(now, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
    return now && transaction.docChanged ? { ...now, pos: transaction.changes.mapPos(now.pos) } : now;
  },
  provide: (field) => showTooltip.from(field),
});

/** @param {EditorState} editor */
const text = (editor) => editor.doc.toString();

/** The dotted name at a place, up to the part that is there. @param {EditorState} editor @param {number} position */
function nameAt(editor, position) {
  if (NOT_CODE.test(syntaxTree(editor).resolveInner(position, 1).name)) return null;
  const line = editor.doc.lineAt(position);
  for (const { 0: path, index } of line.text.matchAll(DOTTED)) {
    const [from, to] = [line.from + index, line.from + index + path.length];
    // What comes before ".sum" in "f(x).sum" is not known.
    if (position < from || position >= to || /[.)\]]/.test(line.text[index - 1] ?? "")) continue;
    const end = path.indexOf(".", position - from);
    return { path: end < 0 ? path : path.slice(0, end), from, to: end < 0 ? to : from + end };
  }
  return null;
}

/** The call whose brackets the cursor is in. @param {EditorState} editor */
function callAt(editor) {
  const { head, empty } = editor.selection.main;
  if (!empty) return null;
  const tree = ensureSyntaxTree(editor, head, PARSE_MS) ?? syntaxTree(editor);
  for (let node = /** @type {any} */ (tree.resolveInner(head, -1)); node; node = node.parent) {
    if (node.name !== "ArgList" || node.from >= head || (node.to <= head && text(editor)[node.to - 1] === ")"))
      continue;
    const callee = node.prevSibling;
    const path = callee ? editor.sliceDoc(callee.from, callee.to) : "";
    return path.match(DOTTED)?.[0] === path ? { path, from: node.from } : null;
  }
  return null;
}

/** A function, a class or a variable of the program. @param {string} name @param {EditorState} editor @param {State} state @returns {Documentation | null} */
function ofProgram(name, editor, state) {
  if (!/^\w+$/.test(name)) return null;
  const made = text(editor).match(new RegExp(`^[ \\t]*((?:def|class) ${name}\\b[^\\n]*?):?[ \\t]*(?:#.*)?$`, "m"));
  if (made) return { signature: made[1] ?? "", summary: "of this program" };
  const variable = state.stale.value ? undefined : state.variables.value.find((each) => each.name === name);
  if (!variable || variable.kind === "other") return null;
  const when = state.position.value === null ? "at the end of the run" : `at step ${state.position.value + 1}`;
  const { repr, kind } = variable;
  return {
    signature: `${name} = ${repr.length > LONG ? `${repr.slice(0, LONG)} …` : repr}`,
    summary: `${kind}, ${when}`,
  };
}

/** @param {Documentation} found @param {number} pos @param {number} [end] @returns {Tooltip} */
function tooltip({ signature, summary }, pos, end = pos) {
  return {
    pos,
    end,
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "documented";
      if (signature) dom.append(Object.assign(document.createElement("code"), { textContent: signature }));
      if (summary) dom.append(Object.assign(document.createElement("p"), { textContent: summary }));
      return { dom };
    },
  };
}
