/** The editor of the program: CodeMirror with Python, and the marks of the last run. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { effect, untracked } from "@preact/signals-core";
import { editorTheme } from "./theme.js";
import { completionsOf } from "./completion.js";
import { documentation } from "./documentation.js";
import { assign, numberDragging } from "./numbers.js";
import { lineBands, marksOf, showBands } from "./marks.js";

/**
 * @import {Text} from "@codemirror/state"
 * @import {Edit} from "../state/types.js"
 * @import {Marked} from "./marks.js"
 * @import {Live} from "../state/live.js"
 * @import {State} from "../state/state.js"
 */

/**
 * @param {HTMLElement} parent
 * @param {{state: State, live: Live, nonce: string, run: () => void, leave: () => void,
 *   dragged: (name: string | null, number: number) => void}} options `dragged`: a number, and its name
 */
export function createEditor(parent, { state, live, nonce, run, leave, dragged }) {
  const hint = (/** @type {boolean} */ hidden) => {
    const element = document.getElementById("editor-hint");
    if (element) element.hidden = hidden;
  };
  const reactions = [
    EditorView.updateListener.of((update) => {
      if (update.docChanged) state.programEdited(update.state.doc.toString());
      if (update.selectionSet || update.focusChanged) state.hoveredLine.value = lineOfCursor(update.view);
    }),
    // The server takes a byte order mark away too: its edits count columns without it.
    EditorView.clipboardInputFilter.of((text) => text.replace(/^\ufeff/, "")),
    EditorView.domEventHandlers({
      focus: () => void hint(false),
      blur: () => void hint(true),
      mousemove: (event, view) => void (state.hoveredLine.value = lineAt(view, event)),
      mouseleave: (_, view) => void (state.hoveredLine.value = lineOfCursor(view)),
    }),
  ];
  const leaving = Prec.lowest(keymap.of([{ key: "Escape", run: () => (leave(), true) }]));
  const running = Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }]));
  const extensions = [
    running,
    keys,
    behaviour,
    editorTheme,
    lineBands,
    reactions,
    numberDragging(dragged),
    documentation(state),
    leaving,
    EditorView.cspNonce.of(nonce),
  ];

  /** @param {string} doc */
  const fresh = (doc) => EditorState.create({ doc, extensions });
  parent.replaceChildren(); // the text that the page came with
  const view = new EditorView({ parent, state: fresh(state.code.value) });

  // Opening another program replaces the text and its undo history.
  effect(() => {
    const code = state.code.value;
    if (code !== view.state.doc.toString()) view.setState(fresh(code));
  });
  effect(() => {
    const document = state.document.value;
    const current = document && untracked(() => !state.stale.value);
    const marks = current ? marksOf(document, view.state.doc) : [];
    view.dispatch(setDiagnostics(view.state, marks));
  });
  effect(() => {
    const marked = state.stale.value ? nothingMarked() : markedBy(state);
    if (live.status.value === "paused") marked.now = live.line.value;
    showBands(view, marked);
    if (marked.now !== null) reveal(view, marked.now);
  });

  return {
    /** Replaces the program in a way that can be undone. @param {string} code */
    replace(code) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } });
      view.focus();
    },
    /** Another number for a name that the program assigns one to. @param {string} name @param {string} number @returns {boolean} whether there is such a line */
    assign(name, number) {
      const change = assign(view.state.doc.toString(), name, number);
      if (change) view.dispatch({ changes: change });
      return change !== null;
    },
    /** Changes lines, as one step of the undo history. @param {Edit[]} edits */
    apply(edits) {
      const { doc } = view.state;
      const sorted = [...edits].sort((a, b) => a.line - b.line);
      view.dispatch({ changes: sorted.filter(({ line }) => line <= doc.lines + 1).map((edit) => changeOf(edit, doc)) });
    },
    /** @param {number} line */
    goTo(line) {
      const { from } = view.state.doc.line(Math.min(line, view.state.doc.lines));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
  };
}

/** @param {Edit} edit @param {Text} doc */
function changeOf({ line, end_line, text }, doc) {
  if (line > doc.lines) return { from: doc.length, insert: `\n${text}` };
  if (end_line < line) return { from: doc.line(line).from, insert: `${text}\n` };
  return { from: doc.line(line).from, to: doc.line(Math.min(end_line, doc.lines)).to, insert: text };
}

/** @returns {Marked} */
const nothingMarked = () => ({ failed: null, now: null, lit: null, spans: [], calling: [] });

/** @param {State} state @returns {Marked} */
function markedBy({ places, hovered, selected, position, steps, executed }) {
  const { line, spans, calling } = places.value.of(hovered.value ?? executed.value ?? selected.value);
  const now = position.value === null ? null : (steps.value[position.value]?.line ?? null);
  return { failed: places.value.of("error").line, now, lit: line, spans, calling };
}

const keys = keymap.of([
  ...closeBracketsKeymap,
  ...completionKeymap,
  ...searchKeymap,
  ...historyKeymap,
  ...lintKeymap,
  ...defaultKeymap,
  indentWithTab,
]);

const behaviour = [
  lintGutter(),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  highlightSelectionMatches(),
  drawSelection(),
  history(),
  indentOnInput(),
  indentUnit.of("    "),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ override: [completionsOf] }),
  search({ top: true }),
  python(),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ "aria-label": "Python program", tabindex: "0" }),
];

/** The line of the cursor counts as hovered, for keyboard users. @param {EditorView} view */
function lineOfCursor(view) {
  return view.hasFocus ? view.state.doc.lineAt(view.state.selection.main.head).number : null;
}

/** Scrolls to a line without moving the focus. @param {EditorView} view @param {number} line */
function reveal(view, line) {
  if (line > view.state.doc.lines) return;
  view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(line).from, { y: "nearest", yMargin: 40 }) });
}

/** @param {EditorView} view @param {MouseEvent} event */
function lineAt(view, { clientX, clientY }) {
  const position = view.posAtCoords({ x: clientX, y: clientY }, false);
  const block = view.lineBlockAt(position);
  const { bottom } = view.contentDOM.getBoundingClientRect();
  return clientY > bottom || !block ? null : view.state.doc.lineAt(position).number;
}
