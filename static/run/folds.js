/** Folds of the graph: opened and closed by the server, which lays out what is seen then. */

import { failureOf, postProgram } from "./runner.js";
import { FIRST_VIEW } from "../state/state.js";

/**
 * @import {Layout, RunDocument} from "../state/types.js"
 * @import {State, View} from "../state/state.js"
 */

/** @param {State} state */
export function createFolds(state) {
  /** @type {AbortController | null} */
  let current = null;

  /** @param {View} view */
  async function look(view) {
    const { document, ran } = state;
    const run = document.value;
    if (!run || ran.value === null) return;
    current?.abort();
    const mine = (current = new AbortController());
    try {
      const layout = await layOut(run, ran.value, view, mine.signal);
      if (current === mine && state.document.value === run) state.layoutArrived(layout, view);
    } catch (error) {
      if (current !== mine || mine.signal.aborted) return;
      const { title, detail } = failureOf(error);
      state.notice.value = [title, detail].filter(Boolean).join(". ");
    }
  }

  const opened = () => state.layout.value?.opened ?? [];

  return {
    /** @param {string} id */
    open: (id) => look({ ...state.view.value, open: [...opened(), id], fold: null }),
    /** @param {string[]} ids a fold, and those in it */
    close: (ids) => look({ ...state.view.value, open: opened().filter((each) => !ids.includes(each)), fold: null }),
    /** The larger structure, as at first. */
    reset: () => look({ ...FIRST_VIEW, compact: state.view.value.compact }),
    /** Every function in a box of its own. */
    nodeForNode: () => look({ ...state.view.value, open: null, fold: false, merged: false }),
    /** All rows of every tensor, or name, value and gradient. */
    toggleRows: () => look({ ...state.view.value, compact: !state.view.value.compact }),
  };
}

/** The document with the layout of a view; as it is when that is the first, or cannot be laid out. @param {RunDocument} run @param {string} code @param {View} view */
export async function inView(run, code, view) {
  if (!run.picture || (view.open === null && view.fold === null)) return run;
  const layout = await layOut(run, code, view).catch(() => run.picture?.layout ?? null);
  return { ...run, picture: { ...run.picture, layout } };
}

/** @param {RunDocument} run @param {string} code @param {View} view @param {AbortSignal} [signal] @returns {Promise<Layout>} */
async function layOut(run, code, view, signal) {
  const graph = run.picture?.graph ?? null;
  const response = await postProgram(".layout", code, {
    options: { ...view, cuda_on_cpu: true },
    graph,
    ...(signal ? { signal } : {}),
  });
  return response.json();
}
