/** The gradients on the arrows of a drawn graph. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gradientsOf } from "../../static/state/gradients.js";
import { fn, tensor, value } from "./documents.js";

const byId = (things) => new Map(things.map((thing) => [thing.id, thing]));

/** y = w * x, where w is a leaf: f1 = MulBackward0, f2 = AccumulateGrad of w. */
const elements = {
  tensors: byId([tensor("t1", { is_leaf: true }), tensor("t2", { grad_fn: "f1" })]),
  functions: byId([fn("f1", ["f2", null]), fn("f2", [], { name: "AccumulateGrad", variable: "t1" })]),
};
const passed = (id, outputs, inputs) => ({
  function: id,
  name: "",
  grad_outputs: outputs.map((each) => value(each)),
  grad_inputs: inputs.map((each) => (each === null ? null : value(each))),
});

test("functions are numbered in the order in which they were executed", () => {
  const pass = {
    accumulated: [],
    functions: [passed("f1", [1], [3, null]), passed(null, [1], [1]), passed("f2", [3], [])],
  };
  assert.deepEqual(
    [...gradientsOf(pass, elements, []).order],
    [
      ["f1", 1],
      ["f2", 2],
    ],
  );
});

test("arrows that the pass did not use have no gradient", () => {
  const { arrows } = gradientsOf({ accumulated: [], functions: [] }, elements, ["e--t1--f1--0", "e--f1--t2--0"]);
  assert.equal(arrows.size, 0);
});

test("an arrow to a function's result has the gradient that came to the function", () => {
  const pass = { accumulated: [], functions: [passed("f1", [7], [3, null])] };
  const { arrows } = gradientsOf(pass, elements, ["e--f1--t2--0"]);
  assert.deepEqual(arrows.get("e--f1--t2--0")?.value.data, [7]);
});

test("an arrow from a leaf has the gradient of that input, and none where there is none", () => {
  const pass = { accumulated: [], functions: [passed("f1", [7], [3, null])] };
  const { arrows } = gradientsOf(pass, elements, ["e--t1--f1--0", "e--t1--f1--1"]);
  assert.deepEqual(arrows.get("e--t1--f1--0")?.value.data, [3]);
  assert.equal(arrows.has("e--t1--f1--1"), false);
});

test("a sum of one gradient is written once, a sum of several beside them", () => {
  // f3 and f4 are both computed from t2, the result of f1.
  const two = {
    tensors: elements.tensors,
    functions: byId([...elements.functions.values(), fn("f3", ["f1"]), fn("f4", ["f1"])]),
  };
  const arrows = ["e--f1--t2--0", "e--t2--f3--0", "e--t2-use2--f4--0"];
  const repeats = (...executed) => {
    const pass = { accumulated: [], functions: [...executed, passed("f1", [5], [1, null])] };
    return gradientsOf(pass, two, arrows).arrows.get("e--f1--t2--0")?.repeats;
  };
  assert.equal(repeats(passed("f3", [1], [5])), true);
  assert.equal(repeats(passed("f3", [1], [2]), passed("f4", [1], [3])), false);
});

test("gradients that meet are summed once the function that takes the sum was executed", () => {
  const { pass, elements, arrows } = twice();
  const early = gradientsOf({ ...pass, functions: pass.functions.slice(0, 1) }, elements, arrows);
  assert.deepEqual([...early.sums], []);
  const { sums } = gradientsOf(pass, elements, arrows);
  const { parts, total, isGrad } = sums.get("t1");
  assert.deepEqual([parts.map(({ data }) => data[0]), total.data[0], isGrad], [[3, 3], 6, false]);
});

test("a gradient that meets an earlier one is added to it", () => {
  const { pass, elements, arrows } = twice();
  const accumulated = [{ name: "w", tensor: "t1", before: value(2), after: value(8) }];
  const { sums } = gradientsOf({ ...pass, accumulated }, elements, arrows);
  const { parts, total, isGrad } = sums.get("t1");
  assert.deepEqual([parts.map(({ data }) => data[0]), total.data[0], isGrad], [[2, 6], 8, true]);
});

/** w * w: both arrows carry a gradient to w. */
function twice() {
  const tensors = new Map([["t1", tensor("t1", { is_leaf: true, role: "leaf" })]]);
  const functions = new Map([
    ["f1", fn("f1", ["f2", "f2"])],
    ["f2", fn("f2", [], { variable: "t1" })],
  ]);
  const functionsPassed = [
    { function: "f1", grad_outputs: [value(1)], grad_inputs: [value(3), value(3)] },
    { function: "f2", grad_outputs: [value(6)], grad_inputs: [] },
  ];
  const arrows = ["e--t1--f2--0", "e--f2--f1--0", "e--t1-use2--f1--1"];
  return { pass: { functions: functionsPassed, accumulated: [] }, elements: { tensors, functions }, arrows };
}
