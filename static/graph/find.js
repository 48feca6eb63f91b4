/** Finds elements of the graph: by name, operation, module, line or value, also in what is folded. No DOM. */

import { isAllFinite } from "../text/value.js";

/**
 * @import {GradFunction, RunDocument, Tensor, TensorValue} from "../state/types.js"
 * @typedef {{id: string, name: string, what: string}} Found
 */

export const MOST_FOUND = 50;

/**
 * `line 8`, `nan`, `grad=0`, `grad=none`, or letters of a name, an operation or a module.
 * @param {string} query @param {RunDocument} document @returns {Found[]}
 */
export function find(query, { graph }) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [];
  const line = wanted.match(/^(?:line\s*)(\d+)$/)?.[1];
  const fits = line ? (/** @type {Tensor | GradFunction} */ each) => each.line === Number(line) : predicateOf(wanted);
  const tensors = graph.tensors.filter((each) => each.alive && fits(each));
  const functions = graph.functions.filter(fits);
  return [...tensors.map(ofTensor), ...functions.map(ofFunction)].slice(0, MOST_FOUND);
}

/** @param {string} wanted @returns {(each: Tensor | GradFunction) => boolean} */
function predicateOf(wanted) {
  if (wanted === "nan" || wanted === "inf") return (each) => "grad" in each && [each.value, each.grad].some(isBad);
  const grad = wanted.match(/^grad\s*=\s*(\S+)$/)?.[1];
  if (grad === "none") return (each) => "grad" in each && each.requires_grad && each.is_leaf && each.grad === null;
  if (grad !== undefined) return (each) => "grad" in each && hasOnly(each.grad, Number(grad));
  return (each) => wordsOf(each).some((word) => word.toLowerCase().includes(wanted));
}

/** @param {TensorValue | null} value */
const isBad = (value) => value !== null && !isAllFinite(value);

/** @param {TensorValue | null} value @param {number} number */
const hasOnly = (value, number) => Boolean(value?.data?.length && value.data.every((each) => Number(each) === number));

/** @param {Tensor | GradFunction} each */
function wordsOf(each) {
  if ("names" in each) return each.names;
  return [each.name, each.op ?? "", each.module ?? ""];
}

/** @param {Tensor} tensor @returns {Found} */
function ofTensor({ id, names, role, line }) {
  return { id, name: names.join(", ") || "unnamed", what: [role, lineText(line)].filter(Boolean).join(", ") };
}

/** @param {GradFunction} each @returns {Found} */
function ofFunction({ id, name, module, line }) {
  return { id, name, what: [module, lineText(line)].filter(Boolean).join(", ") };
}

/** @param {number | null} line */
const lineText = (line) => (line === null ? "" : `line ${line}`);
