/** The entry of the playground: creates the state and every part of the page that shows or changes it. */

import { effect } from "@preact/signals-core";
import { createAsking } from "../run/asking.js";
import { createAutoRun } from "../run/auto-run.js";
import { createAxis } from "../timeline/axis.js";
import { createCopyLink } from "../program/copy-link.js";
import { createDetails } from "../details/details.js";
import { createDividers } from "./dividers.js";
import { createDownloads } from "../run/downloads.js";
import { createFolds } from "../run/folds.js";
import { createDrafts } from "../program/drafts.js";
import { createEditor } from "../editor/editor.js";
import { createFindBox } from "../graph/find-box.js";
import { createFoldBar } from "../graph/fold-bar.js";
import { createFormat } from "../run/format.js";
import { createFirstVisit } from "./first-visit.js";
import { createGraph } from "../graph/graph.js";
import { createKeys } from "./keys.js";
import { createLegend } from "../graph/legend.js";
import { createLiveRunner } from "../run/live-runner.js";
import { Live } from "../state/live.js";
import { createMenu } from "./menu.js";
import { createNotes } from "../output/notes.js";
import { createOutput } from "../output/output.js";
import { createPaneSwitch } from "./pane-switch.js";
import { createPasses } from "../timeline/pass-choice.js";
import { createProgram } from "../program/program.js";
import { createReset } from "../program/reset.js";
import { hasTrainingLoop, readsInput } from "../program/training-loop.js";
import { createRunButton } from "../run/run-button.js";
import { createRunner } from "../run/runner.js";
import { createPlaceholder } from "../graph/placeholder.js";
import { createSideBySide } from "../compare/side-by-side.js";
import { createState } from "../state/state.js";
import { trainingAt } from "../state/jumps.js";
import { createTabs } from "./tabs.js";
import { createTheme } from "./theme.js";
import { createTimeline } from "../timeline/timeline.js";
import { createVariables } from "../details/variables.js";

const state = createState();
const live = new Live();
const runner = createRunner(state);
const liveRunner = createLiveRunner(state, live);
const trains = () => hasTrainingLoop(state.code.value);
const start = () => {
  if (trains() || readsInput(state.code.value)) {
    runner.discard();
    void liveRunner.run();
  } else {
    liveRunner.discard();
    void runner.run();
  }
};
const run = () => {
  state.notice.value = "";
  start();
};
const stop = () => (live.status.value === "ended" ? runner.stop() : liveRunner.stop());

/** @param {string} id @returns {HTMLElement} */
function place(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** The run has the number that the program has. */
function keepNumber() {
  state.numberChanged();
  liveRunner.keepCode();
}

/** @param {number} line */
function goTo(line) {
  state.pane.value = "code";
  editor.goTo(line);
}

const nonce = /** @type {HTMLElement | null} */ (document.querySelector("meta[name=csp-nonce]"))?.nonce ?? "";
const folds = createFolds(state);
const graph = createGraph(place("stage"), { state, folds, buttons: place("zoom") });
const findBox = createFindBox(place("stage"), { state });
createFoldBar(place("stage"), { state, folds, reveal: graph.reveal });
const editor = createEditor(place("editor"), {
  state,
  live,
  nonce,
  run,
  leave: () => graph.focus() || place("run").focus(),
  dragged: (name, number) => {
    const control = live.status.value === "ended" ? undefined : live.controls.value.find((each) => each.name === name);
    if (!control || control.applies === "restart") return auto.soon();
    void liveRunner.set(control, number);
    keepNumber();
  },
});

const auto = createAutoRun(place("auto-run"), { state, run });
createFormat(place("format"), { state, replace: editor.replace });
createReset(place("reset"), { state, replace: editor.replace });
createDrafts(place("draft"), { state, replace: editor.replace });
createPlaceholder(place("stage"), { state });
createSideBySide(place("side-by-side"), { state });
createLegend(place("legend"), { state });
createDetails(place("details"), { state, goTo, asking: createAsking(state) });
createVariables(place("variables"), { state, count: place("variables-count") });
createOutput(place("output"), { state, live, count: place("output-count"), goTo, enter: liveRunner.enter });
createNotes(place("notes"), {
  state,
  live,
  goTo,
  apply: (edits) => {
    editor.apply(edits);
    run();
  },
});
createTabs(place("tabs"), { state });
createPaneSwitch(place("pane-switch"), { state });
createDividers(place("panes"), { code: place("divider-code"), details: place("divider-details") });
const timeline = createTimeline(place("timeline"), { state });
const axis = createAxis(/** @type {HTMLCanvasElement} */ (place("axis")), { state });
createPasses(place("pass-choice"), { state });
createRunButton(place("run"), { state, live, status: place("status"), run, stop });
createKeys(place("help"), { run, clear: () => state.select(null), act: timeline.act, find: findBox.open });
/** The panel of live runs, loaded when the first one begins. @type {{redraw: () => void} | null} */
let livePanel = null;
const endOfWait = effect(() => {
  if (live.address.value === null) return;
  void import("../live/panel.js").then(({ createLivePanel }) => {
    endOfWait();
    livePanel ??= createLivePanel(place("live"), {
      live,
      runner: liveRunner,
      restart: run,
      trains,
      moment: () => trainingAt(state, live.training.value),
      go: (iteration) => {
        const at = state.steps.value.findLastIndex((step) => step.iteration !== null && step.iteration <= iteration);
        if (at >= 0) state.goToStep(at);
      },
      chosen: (name, number) => {
        if (editor.assign(name, String(number))) keepNumber();
      },
    });
  });
});
createTheme(place("theme"), {
  changed: () => {
    graph.redraw();
    axis.redraw();
    livePanel?.redraw();
  },
});
createCopyLink(place("copy-link"), { state });
createDownloads(place("downloads"), { state, ...createMenu(place("downloads")) });

const program = createProgram(place("examples"), {
  state,
  programs: JSON.parse(place("program").textContent ?? "{}"),
  ...createMenu(place("examples")),
  opened: async (mayRun) => {
    runner.discard();
    liveRunner.discard();
    if (!(await liveRunner.reconnect()) && mayRun) start(); // unlike run(), it keeps the notice
  },
});
await program.open();
createFirstVisit({ state, play: timeline.playPass });
document.documentElement.dataset.ready = "";
