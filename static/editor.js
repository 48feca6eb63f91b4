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
import { editorLook } from "./editor-look.js";
import { lineBands, marksOf, showBands } from "./editor-marks.js";

/** @import {State} from "./state.js" */

/**
 * @param {HTMLElement} parent
 * @param {{state: State, nonce: string, run: () => void, leave: () => void}} options
 */
export function createEditor(parent, { state, nonce, run, leave }) {
  const reactions = [
    EditorView.updateListener.of((update) => {
      if (update.docChanged) state.programEdited(update.state.doc.toString());
    }),
    EditorView.domEventHandlers({
      mousemove: (event, view) => void (state.hoveredLine.value = lineAt(view, event)),
      mouseleave: () => void (state.hoveredLine.value = null),
    }),
  ];
  const leaving = Prec.lowest(keymap.of([{ key: "Escape", run: () => (leave(), true) }]));
  const running = Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }]));
  const extensions = [running, keys, behaviour, editorLook, lineBands, reactions, leaving, EditorView.cspNonce.of(nonce)];

  /** @param {string} doc */
  const fresh = (doc) => EditorState.create({ doc, extensions });
  const view = new EditorView({ parent, state: fresh(state.code.value) });

  // A program opened from elsewhere replaces the text and its undo history.
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
    const stale = state.stale.value;
    const failed = stale ? null : state.lineOf("error");
    const lit = stale ? null : state.lineOf(state.hovered.value ?? state.selected.value);
    showBands(view, { lit, failed });
  });

  return {
    /** Replaces the program in a way that can be undone. @param {string} code */
    replace(code) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } });
      view.focus();
    },
    /** @param {number} line */
    goTo(line) {
      const { from } = view.state.doc.line(Math.min(line, view.state.doc.lines));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
  };
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
  autocompletion(),
  search({ top: true }),
  python(),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ "aria-label": "Python program", tabindex: "0" }),
];

/** @param {EditorView} view @param {MouseEvent} event */
function lineAt(view, { clientX, clientY }) {
  const position = view.posAtCoords({ x: clientX, y: clientY }, false);
  const block = view.lineBlockAt(position);
  const { bottom } = view.contentDOM.getBoundingClientRect();
  return clientY > bottom || !block ? null : view.state.doc.lineAt(position).number;
}
