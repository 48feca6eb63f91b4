/** The page's state, and the only functions that change it. */

import { batch, computed, signal } from "@preact/signals-core";

/**
 * @import {RunDocument, Failure, Tensor, GradFunction} from "./types.js"
 * @typedef {"details" | "variables" | "output"} Tab
 * @typedef {"code" | "graph" | "details"} Pane
 * @typedef {{slug: string | null, title: string, part: string, summary: string}} Origin
 */

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
  /** A sentence about the program, such as that its link could not be read. */
  notice = signal("");

  running = signal(false);
  /** The program that `document` or `failure` is about. */
  ran = signal(/** @type {string | null} */ (null));
  document = signal(/** @type {RunDocument | null} */ (null));
  failure = signal(/** @type {Failure | null} */ (null));

  /** The id of a tensor or function, or "error". */
  selected = signal(/** @type {string | null} */ (null));
  hovered = signal(/** @type {string | null} */ (null));
  /** The line of the editor that the pointer is on. */
  hoveredLine = signal(/** @type {number | null} */ (null));

  tab = signal(/** @type {Tab} */ ("details"));
  pane = signal(/** @type {Pane} */ ("graph"));

  tensors = computed(() => byId(this.document.value?.graph.tensors ?? []));
  functions = computed(() => byId(this.document.value?.graph.functions ?? []));
  edited = computed(() => this.code.value !== this.original.value);
  /** Whether the program was edited since it ran. */
  stale = computed(() => this.ran.value !== null && this.ran.value !== this.code.value);

  /**
   * Another program is in the editor: what the last one did is gone.
   * @param {Origin} origin @param {string} original @param {string} code with the reader's own edits
   */
  programOpened(origin, original, code, notice = "") {
    batch(() => {
      this.origin.value = origin;
      this.original.value = original;
      this.code.value = code;
      this.notice.value = notice;
      this.#forget();
    });
  }

  /** @param {string} code */
  programEdited(code) {
    this.code.value = code;
  }

  runStarted() {
    this.running.value = true;
  }

  /** @param {RunDocument} document @param {string} code the program it is about */
  documentArrived(document, code) {
    batch(() => {
      const kept = this.selected.value;
      const name = this.#nameOf(kept);
      this.running.value = false;
      this.ran.value = code;
      this.failure.value = null;
      this.document.value = document;
      this.hovered.value = null;
      // In another graph the same id may be something else.
      if (this.#nameOf(kept) !== name) this.selected.value = null;
      if (!document.error && this.pane.value === "code") this.pane.value = "graph";
    });
  }

  /** The last drawing stays, dimmed. @param {Failure} failure @param {string} code */
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

  /** Selects, and shows the card. @param {string} id */
  open(id) {
    batch(() => {
      this.selected.value = id;
      this.tab.value = "details";
    });
  }

  /** @param {string} id */
  knows(id) {
    if (id === "error") return Boolean(this.document.value?.error);
    return this.tensors.value.has(id) || this.functions.value.has(id);
  }

  /** The line that made a tensor or function. @param {string | null} id @returns {number | null} */
  lineOf(id) {
    if (id === null) return null;
    if (id === "error") return this.document.value?.error?.line ?? null;
    return (this.tensors.value.get(id) ?? this.functions.value.get(id))?.line ?? null;
  }

  /** @param {string | null} id */
  #nameOf(id) {
    if (id === null || !this.knows(id)) return null;
    return this.functions.value.get(id)?.name ?? this.tensors.value.get(id)?.names.join() ?? id;
  }

  #forget() {
    this.document.value = null;
    this.failure.value = null;
    this.ran.value = null;
    this.selected.value = null;
    this.hovered.value = null;
    this.tab.value = "details";
  }
}

/** @template {Tensor | GradFunction} T @param {T[]} things @returns {Map<string, T>} */
function byId(things) {
  return new Map(things.map((thing) => [thing.id, thing]));
}
