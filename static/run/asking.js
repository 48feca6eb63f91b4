/** Asks the server what cards want to know and the document does not have: accounts by hand, all elements. */

import { effect, untracked } from "@preact/signals-core";
import { failureOf, postProgram } from "./runner.js";
import { MOST_ELEMENTS, isRepeatable, mayHaveAccounts } from "../state/asked.js";
import { isOfSummary, isSameValue } from "../state/compare.js";

/**
 * @import {ByHand, RunDocument, Tensor} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

/** @param {State} state */
export function createAsking(state) {
  effect(() => {
    const id = state.selected.value;
    const tensor = id === null ? undefined : state.tensors.value.get(id);
    if (!tensor || state.isLive.value || state.ran.value === null) return;
    if (untracked(() => !state.asked.byHand.value.has(tensor.id)) && mayHaveAccounts(tensor, state.document.value))
      void untracked(() => work(tensor));
  });

  /** @param {Tensor} tensor */
  async function work({ id, names, is_leaf }) {
    const document = state.document.value;
    // A name is preferred to an id, so an id that is also a name would be another tensor.
    const isName = [...state.tensors.value.values()].some((each) => each.names.includes(id));
    const called = isName ? (names[0] ?? id) : id;
    const graph = document?.picture?.graph ?? null;
    state.asked.accountsArrived(id, null);
    const more = is_leaf ? { leaf: called } : { root: called };
    const options = { ...OPTIONS, seed: state.asked.seed.value };
    try {
      const response = await postProgram("/api/v1/backprop", state.ran.value ?? "", { options, graph, more });
      /** @type {ByHand[]} */
      const found = (await response.json()).by_hand;
      const accounts = found.filter(({ root, leaf }) => root === id || leaf === id);
      if (state.document.value === document) state.asked.accountsArrived(id, accounts);
    } catch {
      if (state.document.value === document) state.asked.accountsFailed(id);
    }
  }

  return {
    /** Makes the same run twice more and lists more of each tensor; what is not the same each time is not shown. */
    async elements() {
      const { document, ran, asked } = state;
      const run = document.value;
      const [code, seed] = [ran.value, asked.seed.value];
      if (!run || code === null || !isRepeatable(run, seed)) return;
      asked.elementsNote.value = "Reading them …";
      try {
        const options = { ...OPTIONS, seed, max_values: MOST_ELEMENTS };
        /** @type {() => Promise<RunDocument>} */
        const repeat = async () => (await postProgram("", code, { options })).json();
        const again = await repeat();
        // A shuffle has the same summary in any order, and not all that is random heeds the seed.
        const once_more = await repeat();
        if (document.value === run) show(run, again, once_more);
      } catch (error) {
        if (document.value === run) asked.elementsNote.value = `${failureOf(error).title}.`;
      }
    },
  };

  /** @param {RunDocument} run @param {RunDocument} again @param {RunDocument} once_more */
  function show(run, again, once_more) {
    const same = sameIn(run, again, once_more);
    state.asked.elements.value = new Map(same.map((tensor) => [tensor.id, tensor]));
    const differ = again.graph.tensors.length > same.length;
    state.asked.elementsNote.value = differ
      ? "The program made other numbers this time, although it began with the same seed."
      : "There are too many elements in all: this tensor is not listed.";
  }
}

/** The tensors that are the same in all three, as far as that is known of the first. @param {RunDocument} run @param {RunDocument} again @param {RunDocument} once_more */
export function sameIn(run, again, once_more) {
  if (run.status !== again.status || run.status !== once_more.status) return [];
  const [before, after] = [run, once_more].map(
    ({ graph }) => new Map(graph.tensors.map((tensor) => [tensor.id, tensor])),
  );
  return again.graph.tensors.filter(({ id, value, grad }) => {
    const [old, other] = [before?.get(id), after?.get(id)];
    if (!old || !other || !isSameValue(value, other.value) || !isSameValue(grad, other.grad)) return false;
    return isOfSummary(old.value, value) && isOfSummary(old.grad, grad);
  });
}

const OPTIONS = { cuda_on_cpu: true };
