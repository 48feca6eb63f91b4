/** What of a run is asked of the server when somebody looks at it, beside its document. */

import { batch, signal } from "@preact/signals-core";

/**
 * @import {ByHand, RunDocument, Tensor, TensorValue} from "./types.js"
 */

export const MOST_ELEMENTS = 10_000; // of one tensor, which the server lists

export class Asked {
  /** Accounts by hand, by the tensor whose card is open; null while they are worked out. */
  byHand = signal(/** @type {Map<string, ByHand[] | null>} */ (new Map()));
  /** Tensors with all of their elements, by id. */
  elements = signal(/** @type {Map<string, Tensor>} */ (new Map()));
  /** Why there are no such elements, or that they are on their way. */
  elementsNote = signal("");
  /** What the run that is shown was seeded with; null of a live run, whose numbers hang on when it was stopped and set. */
  seed = signal(/** @type {number | null} */ (null));
  /** The tensor whose accounts could not be fetched. */
  failedFor = signal(/** @type {string | null} */ (null));

  clear() {
    batch(() => {
      this.byHand.value = new Map();
      this.elements.value = new Map();
      this.elementsNote.value = "";
      this.seed.value = null;
      this.failedFor.value = null;
    });
  }

  /** @param {string} id @param {ByHand[] | null} accounts */
  accountsArrived(id, accounts) {
    this.byHand.value = new Map(this.byHand.value).set(id, accounts);
  }

  /** They can be asked for again. @param {string} id */
  accountsFailed(id) {
    batch(() => {
      this.byHand.value = new Map([...this.byHand.value].filter(([each]) => each !== id));
      this.failedFor.value = id;
    });
  }

  /** All of it, if that is known; else what the document says. @param {string} id @param {"value" | "grad"} part @param {TensorValue | null} known @returns {TensorValue | null} */
  whole(id, part, known) {
    return known && !known.data ? (this.elements.value.get(id)?.[part] ?? known) : known;
  }
}

/** Whether the same run can be made again, as far as that is up to the server. @param {RunDocument | null} run @param {number | null} seed */
export function isRepeatable(run, seed) {
  return seed !== null && (run?.status === "finished" || run?.status === "raised");
}

/** A root of a pass, a number with a name, or a leaf that a gradient can reach. @param {Tensor} tensor @param {RunDocument | null} document */
export function mayHaveAccounts({ id, is_leaf, requires_grad, names, value }, document) {
  if (!requires_grad || !document) return false;
  if (is_leaf) return true;
  const isNumber = (value?.shape ?? [0]).every((length) => length === 1);
  return document.backward.some(({ roots }) => roots.includes(id)) || (names.length > 0 && isNumber);
}
