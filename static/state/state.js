/** The page's state, and the only functions that change it. */

import { batch, computed, signal } from "@preact/signals-core";
import { Asked } from "./asked.js";
import { Film } from "./film.js";
import { History } from "./history.js";
import { Places } from "./places.js";

/**
 * @import {Inside} from "./film.js"
 * @import {RunDocument, Failure, Layout, Moved, Tensor, TensorValue, GradFunction} from "./types.js"
 * A variable of the program; `value` is that of a tensor which may not be in the graph.
 * @typedef {{name: string, kind: string, tensor: string | null, repr: string,
 *   value?: TensorValue | null}} Named
 * @typedef {"details" | "variables" | "output"} Tab
 * @typedef {"code" | "graph" | "details"} Pane
 * @typedef {{slug: string | null, title: string, part: string, summary: string}} Origin
 * How the graph is looked at, as the server wants it: the ids of open folds, null for the larger
 * structure; `fold` false for node for node; `compact` for boxes of name, value and gradient;
 * `merged` for no box of AccumulateGrad and of what only reshapes.
 * @typedef {{open: string[] | null, fold: boolean | null, compact: boolean, merged: boolean}} View
 */

/**
 * What of a run a link asks to show, if not what is shown at first.
 * @typedef {{open?: string[], fold?: false, compact?: false, merged?: false, step?: number, selected?: string}} Seen
 */

/** @type {View} */
export const FIRST_VIEW = { open: null, fold: null, compact: true, merged: true };

/** @type {Origin} */
const NO_ORIGIN = { slug: null, title: "", part: "", summary: "" };

/** @returns {State} */
export function createState() {
  return new State();
}

export class State {
  /** Where the program in the editor came from. */
  origin = signal(NO_ORIGIN);
  code = signal("");
  /** The program as it was opened. */
  original = signal("");
  /** A message about the program, for example that its link could not be read. */
  notice = signal("");

  running = signal(false);
  /** The program that `document` or `failure` is about. */
  ran = signal(/** @type {string | null} */ (null));
  document = signal(/** @type {RunDocument | null} */ (null));
  failure = signal(/** @type {Failure | null} */ (null));

  /** The id of a tensor or function, or "error". */
  selected = signal(/** @type {string | null} */ (null));
  hovered = signal(/** @type {string | null} */ (null));
  /** The line of the editor that the pointer is on, or the cursor. */
  hoveredLine = signal(/** @type {number | null} */ (null));

  /** The current step, from 0; null for the finished run. */
  position = signal(/** @type {number | null} */ (null));
  /** Inside the backward pass of the current step, null when the step is over. */
  inside = signal(/** @type {Inside | null} */ (null));
  /** The chosen backward pass; null for the one of the current step, if any. */
  chosenPass = signal(/** @type {number | "none" | null} */ (null));

  asked = new Asked();
  tab = signal(/** @type {Tab} */ ("details"));
  pane = signal(/** @type {Pane} */ ("graph"));

  /** What the first run is asked to show. @type {Seen} */
  #seen = {};

  /** Whether the program is running or paused: the document is preliminary. */
  isLive = computed(() => ["running", "paused"].includes(this.document.value?.status ?? ""));
  view = signal(FIRST_VIEW);
  /** Where everything of the graph is. */
  layout = signal(/** @type {Layout | null} */ (null));
  /** Whether the layout is of an earlier run: this one failed before it built a graph. */
  layoutIsOld = signal(false);
  /** A run that was kept, to compare others with. */
  pinned = signal(/** @type {RunDocument | null} */ (null));
  /** Whether its picture is shown beside that of the current one. */
  sideBySide = signal(false);
  /** Of the gradients on the arrows, as far as they are shown. @type {import("@preact/signals-core").Signal<import("./magnitude.js").Range | null>} */
  gradientRange = signal(null);
  tensors = computed(() => byId(this.document.value?.graph.tensors ?? []));
  functions = computed(() => byId(this.document.value?.graph.functions ?? []));
  places = computed(() => new Places(this.document.value));
  steps = computed(() => this.document.value?.steps ?? []);
  history = computed(() => (this.document.value ? new History(this.document.value) : null));
  film = computed(() => {
    const history = this.history.value;
    return history && history.steps.length ? new Film(history.document, history) : null;
  });
  /** Where the film is; its last station is the finished run. */
  station = computed(() => {
    const film = this.film.value;
    if (!film) return 0;
    const position = this.position.value;
    return position === null ? film.length - 1 : film.indexOf({ position, inside: this.inside.value });
  });
  /** The program's variables at the current step. */
  variables = computed(() => {
    /** @type {Named[]} */
    const names = this.document.value?.variables ?? [];
    const position = this.position.value;
    return position === null ? names : (this.history.value?.namesAt(position) ?? []);
  });
  /** The backward pass whose gradients are shown. */
  pass = computed(() => {
    const chosen = this.chosenPass.value;
    if (chosen !== null) return chosen === "none" ? null : chosen;
    if (this.inside.value) return this.inside.value.pass;
    if (this.isLive.value) return this.document.value?.backward.length ? 0 : null;
    if (this.position.value === null) return null;
    return this.history.value?.passesAt(this.position.value).at(-1) ?? null;
  });
  /** The backward pass whose gradients are on the arrows: of a finished run the last, if none was chosen. */
  drawnPass = computed(() => {
    const { length } = this.document.value?.backward ?? [];
    const isAtEnd = this.position.value === null && this.chosenPass.value === null && !this.isLive.value;
    return isAtEnd && length > 0 ? length - 1 : this.pass.value;
  });
  /** The function that the film has just executed, inside a pass. */
  executed = computed(() => {
    const inside = this.inside.value;
    return inside ? (this.document.value?.backward[inside.pass]?.functions[inside.done - 1]?.function ?? null) : null;
  });
  edited = computed(() => this.code.value !== this.original.value);
  /** Whether the program was edited since it ran. */
  stale = computed(() => this.ran.value !== null && this.ran.value !== this.code.value);

  /**
   * Another program was opened: the results of the previous one are cleared.
   * @param {Origin} origin @param {string} original @param {string} code with the user's edits
   * @param {{notice?: string, seen?: Seen}} [more] `seen`: for its first run
   */
  programOpened(origin, original, code, { notice = "", seen = {} } = {}) {
    batch(() => {
      this.origin.value = origin;
      this.original.value = original;
      this.code.value = code;
      this.notice.value = notice;
      this.#clear();
      this.#seen = seen;
      const { open = null, fold = null, compact = true, merged = true } = seen;
      this.view.value = { open, fold, compact, merged };
    });
  }

  /** @param {string} code */
  programEdited(code) {
    this.code.value = code;
  }

  /** A number of the program was changed where it runs too: what is shown is of this program. */
  numberChanged() {
    if (this.ran.value !== null) this.ran.value = this.code.value;
  }

  runStarted() {
    this.running.value = true;
  }

  /** @param {RunDocument} document @param {string} code the program it is about @param {number | null} [seed] its own, to make the same run again */
  documentArrived(document, code, seed = null) {
    batch(() => {
      this.running.value = false;
      this.#show(document, code);
      this.asked.seed.value = seed;
      const { step, selected } = this.#seen;
      this.#seen = {};
      if (step !== undefined) this.goToStep(step);
      if (selected !== undefined && this.knows(selected)) this.selected.value = selected;
      if (!document.error && this.pane.value === "code") this.pane.value = "graph";
    });
  }

  /** The graph of the document, looked at in another way. @param {Layout} layout @param {View} view */
  layoutArrived(layout, view) {
    batch(() => {
      this.view.value = view;
      this.layout.value = layout;
    });
  }

  /** The document of a program that is still running. @param {RunDocument} document @param {string} code */
  liveDocumentArrived(document, code) {
    batch(() => this.#show(document, code));
  }

  /** New values and gradients in the graph that is already shown. @param {Moved} moved */
  liveValuesArrived({ tensors, functions, root_values }) {
    const document = this.document.value;
    if (!document || !this.isLive.value) return;
    const backward = document.backward.map((pass) => (functions.length ? { ...pass, functions, root_values } : pass));
    const graph = {
      ...document.graph,
      tensors: document.graph.tensors.map((tensor) => ({ ...tensor, ...tensors[tensor.id] })),
    };
    this.document.value = { ...document, status: "running", graph, backward };
  }

  /** The last drawing stays visible, dimmed. @param {Failure} failure @param {string} code */
  runFailed(failure, code) {
    batch(() => {
      this.running.value = false;
      this.ran.value = code;
      this.failure.value = failure;
    });
  }

  runStopped() {
    batch(() => {
      this.running.value = false;
      this.notice.value = "Stopped.";
    });
  }

  /** @param {string | null} id */
  select(id) {
    batch(() => {
      this.selected.value = id;
      if (id !== null && this.tab.value === "output") this.tab.value = "details";
    });
  }

  /** Selects an element and shows its card. @param {string} id */
  open(id) {
    batch(() => {
      this.selected.value = id;
      this.tab.value = "details";
    });
  }

  /** Goes to a step, from 0; the last one is the finished run. @param {number} position */
  goToStep(position) {
    const last = this.steps.value.length - 1;
    batch(() => {
      this.position.value = position >= last ? null : Math.max(0, position);
      this.inside.value = null;
      this.chosenPass.value = null;
    });
  }

  /** Goes to a station of the film; the last one is the finished run. @param {number} index */
  goToStation(index) {
    const film = this.film.value;
    if (!film) return;
    const { position, inside } = film.at(Math.max(0, Math.min(index, film.length - 1)));
    batch(() => {
      this.goToStep(position);
      if (inside) this.position.value = position;
      this.inside.value = inside;
    });
  }

  /** Shows the gradients of a backward pass, at the step that ran it. @param {number | null} nr from 0; null for none */
  choosePass(nr) {
    const step = nr === null ? null : (this.document.value?.backward[nr]?.step ?? null);
    batch(() => {
      if (step !== null && this.history.value) this.goToStep(this.history.value.positionOf(step));
      this.chosenPass.value = nr ?? "none";
    });
  }

  /** The value of a tensor at the current step. @param {Tensor} tensor @returns {TensorValue | null} */
  valueOf(tensor) {
    const position = this.position.value;
    if (position === null) return this.asked.whole(tensor.id, "value", tensor.value);
    return this.history.value?.valueOf(tensor, position) ?? null;
  }

  /** @param {Tensor} tensor @returns {TensorValue | null} */
  gradOf(tensor) {
    const position = this.position.value;
    if (position === null) return this.asked.whole(tensor.id, "grad", tensor.grad);
    const inside = this.film.value?.gradInside(tensor, { position, inside: this.inside.value });
    if (inside !== undefined) return inside;
    // Inside a pass, the step has not changed anything else yet.
    const since = this.inside.value ? position - 1 : position;
    return this.history.value?.gradOf(tensor, since) ?? null;
  }

  /** Whether a tensor was created after the current step. @param {Tensor} tensor */
  isNotCreatedYet(tensor) {
    const position = this.position.value;
    return position !== null && this.history.value?.valueOf(tensor, position) === undefined;
  }

  /** @param {RunDocument} document @param {string} code */
  #show(document, code) {
    const kept = this.selected.value;
    const name = this.#nameOf(kept);
    this.ran.value = code;
    this.failure.value = null;
    this.document.value = document;
    this.asked.clear();
    const failedEarly = document.error !== null && !hasGraph(document) && this.layout.value !== null;
    if (!failedEarly) this.layout.value = isEmpty(document) ? null : (document.picture?.layout ?? null);
    this.layoutIsOld.value = failedEarly;
    this.hovered.value = null;
    this.position.value = null;
    this.inside.value = null;
    this.chosenPass.value = null;
    // In another graph the same id may be another element.
    if (this.#nameOf(kept) !== name) this.selected.value = null;
  }

  /** @param {string} id */
  knows(id) {
    if (id === "error") return Boolean(this.document.value?.error);
    return this.tensors.value.has(id) || this.functions.value.has(id);
  }

  /** @param {string | null} id */
  #nameOf(id) {
    if (id === null || !this.knows(id)) return null;
    return this.functions.value.get(id)?.name ?? this.tensors.value.get(id)?.names.join() ?? id;
  }

  #clear() {
    this.document.value = null;
    this.asked.clear();
    this.layout.value = null;
    this.layoutIsOld.value = false;
    this.view.value = FIRST_VIEW;
    this.failure.value = null;
    this.ran.value = null;
    this.selected.value = null;
    this.hovered.value = null;
    this.position.value = null;
    this.inside.value = null;
    this.chosenPass.value = null;
    this.tab.value = "details";
  }
}

/** Whether there is nothing to draw. @param {RunDocument} document */
export function isEmpty(document) {
  return !hasGraph(document) && !document.error;
}

/** @param {RunDocument} document */
function hasGraph({ graph }) {
  return graph.functions.length > 0 || graph.tensors.some(({ alive }) => alive);
}

/** @template {Tensor | GradFunction} T @param {T[]} things @returns {Map<string, T>} */
function byId(things) {
  return new Map(things.map((thing) => [thing.id, thing]));
}
