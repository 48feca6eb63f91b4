/** Asks the server what cards want to know and the document does not have: accounts by hand, all elements. */

import { effect, untracked } from "@preact/signals-core";
import { failureOf, postProgram } from "./runner.js";
import { MOST_ELEMENTS, mayHaveAccounts } from "../state/asked.js";
import { isOfSummary } from "../state/compare.js";

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
    const answer = postProgram("/api/v1/backprop", state.ran.value ?? "", { options: OPTIONS, graph, more });
    const found = await answer.then((response) => response.json()).catch(() => ({ by_hand: [] }));
    /** @type {ByHand[]} */
    const accounts = found.by_hand.filter((/** @type {ByHand} */ { root, leaf }) => root === id || leaf === id);
    if (state.document.value === document) state.asked.accountsArrived(id, accounts);
  }

  return {
    /** Runs the program once more and lists more of each tensor; what differs this time is not shown. */
    async elements() {
      const { document, ran, asked } = state;
      const run = document.value;
      if (!run || ran.value === null) return;
      asked.elementsNote.value = "Reading them …";
      try {
        const options = { ...OPTIONS, max_values: MOST_ELEMENTS };
        const response = await postProgram("", ran.value, { options });
        /** @type {RunDocument} */
        const again = await response.json();
        if (document.value === run) show(run, again);
      } catch (error) {
        if (document.value === run) asked.elementsNote.value = `${failureOf(error).title}.`;
      }
    },
  };

  /** @param {RunDocument} run @param {RunDocument} again */
  function show(run, again) {
    const before = new Map(run.graph.tensors.map((tensor) => [tensor.id, tensor]));
    const same = again.graph.tensors.filter((tensor) => {
      const old = before.get(tensor.id);
      return old && isOfSummary(old.value, tensor.value) && isOfSummary(old.grad, tensor.grad);
    });
    state.asked.elements.value = new Map(same.map((tensor) => [tensor.id, tensor]));
    const differ = again.graph.tensors.length > same.length;
    state.asked.elementsNote.value = differ
      ? "The program made other numbers this time: seed it, as with torch.manual_seed(0), to see them all."
      : "There are too many elements in all: this tensor is not listed.";
  }
}

const OPTIONS = { cuda_on_cpu: true };
