/** The state of a run at each of its steps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../static/state/history.js";
import { bound, fn, runDocument, step, tensor, value } from "./documents.js";

/** w = tensor(1.); y = w * w; y.backward(); w.grad = None */
function fourSteps() {
  const w = tensor("t1", { names: ["w"], is_leaf: true, value: value(1), line: 1 });
  const y = tensor("t2", { names: ["y"], grad_fn: "f1", value: value(1) });
  const functions = [fn("f1", ["f2", "f2"], { step: 1 }), fn("f2", [], { name: "AccumulateGrad", variable: "t1" })];
  const steps = [
    step(1, { bound: [bound("w", { tensor: "t1", value: value(1) })] }),
    step(2, {
      bound: [bound("y", { tensor: "t2", value: value(1) })],
      made: [{ function: "f1", output_nr: 0, value: value(1) }],
    }),
    step(3, { changed: [{ tensor: "t1", attribute: "grad", value: value(2) }] }),
    step(4, { changed: [{ tensor: "t1", attribute: "grad", value: null }] }),
  ];
  return { w, y, history: new History(runDocument({ tensors: [w, y], functions, steps, backward: [{ step: 2 }] })) };
}

test("a tensor has no value before it is created", () => {
  const { y, history } = fourSteps();
  assert.equal(history.valueOf(y, 0), undefined);
  assert.deepEqual(history.valueOf(y, 1)?.data, [1]);
  assert.deepEqual(history.valueOf(y, 3)?.data, [1]);
});

test("a gradient is None until a backward pass, and again after it is cleared", () => {
  const { w, history } = fourSteps();
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => history.gradOf(w, position)?.data ?? null),
    [null, null, [2], null],
  );
});

test("an AccumulateGrad is created with the first function that needs it", () => {
  const { history } = fourSteps();
  assert.deepEqual(
    [0, 1, 2].map((position) => history.agesAt(position).get("f2")),
    ["future", "now", "past"],
  );
});

test("an element is in the future, then created now, then in the past", () => {
  const { history } = fourSteps();
  for (const [id, ages] of Object.entries({
    t1: ["now", "past", "past", "past"],
    t2: ["future", "now", "past", "past"],
    f1: ["future", "now", "past", "past"],
  })) {
    assert.deepEqual(
      [0, 1, 2, 3].map((position) => history.agesAt(position).get(id)),
      ages,
      id,
    );
  }
});

test("names are bound in order, and deleted ones are gone", () => {
  const steps = [
    step(1, { bound: [bound("b")] }),
    step(2, { bound: [bound("a", { repr: "1" })] }),
    step(3, { bound: [bound("a", { repr: "2" }), bound("b", { kind: "deleted" })] }),
  ];
  const history = new History(runDocument({ steps }));
  const names = (position) => history.namesAt(position).map(({ name, repr }) => `${name}=${repr}`);
  assert.deepEqual([0, 1, 2].map(names), [["b=1"], ["b=1", "a=1"], ["a=2"]]);
});

test("local names hide the module's while their function runs, and only then", () => {
  const steps = [
    step(1, { bound: [bound("x", { repr: "module" })] }),
    step(5, { depth: 1, bound: [bound("x", { repr: "local", local: true })] }),
    step(2, { bound: [bound("y")] }),
  ];
  const history = new History(runDocument({ steps }));
  assert.deepEqual(
    [0, 1, 2].map((position) => history.namesAt(position).find(({ name }) => name === "x")?.repr),
    ["module", "local", "module"],
  );
});

test("the next backward pass is the first again after the last", () => {
  const steps = [1, 2, 3, 4].map((line) => step(line));
  const history = new History(runDocument({ steps, backward: [{ step: 1 }, { step: 3 }, { step: null }] }));
  assert.deepEqual(
    [-1, 0, 1, 2, 3].map((position) => history.nextPass(position)),
    [1, 1, 3, 3, 1],
  );
  assert.deepEqual(history.passesAt(3), [1]);
  assert.equal(new History(runDocument()).nextPass(0), null);
});

test("a step that was not kept is at the last position", () => {
  const history = new History(runDocument({ steps: [step(1), step(2)] }));
  assert.equal(history.positionOf(7), 1);
});

test("in a loop the functions of the previous iteration are old, and what was computed from them", () => {
  // Each iteration computes f1 from w, f3 from f1 and f4 from f3; the graph has one of each.
  const functions = [fn("f4", ["f3"]), fn("f3", ["f1"]), fn("f1", ["f2"]), fn("f2", [], { variable: "t1" })];
  const steps = ["f1", "f3", "f4", "f1", "f3", "f4"].map((id, nr) =>
    step(1 + (nr % 3), { made: [{ function: id, output_nr: 0, value: value(1) }] }),
  );
  const history = new History(runDocument({ functions, tensors: [tensor("t1", { is_leaf: true })], steps }));
  const ages = (id) => steps.map((_, position) => history.agesAt(position).get(id));
  assert.deepEqual(ages("f3"), ["future", "now", "past", "old", "now", "past"]);
  assert.deepEqual(ages("f4"), ["future", "future", "now", "old", "old", "now"]);
});

test("values at every step are those of a replay that is made step by step", () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 16807) % 2147483647) % below;
  const ids = ["t1", "t2", "t3", "t4"];
  const steps = Array.from({ length: 200 }, (_, nr) =>
    step(nr + 1, { changed: [{ tensor: ids[random(4)], attribute: "value", value: value(nr) }] }),
  );
  const tensors = ids.map((id) => tensor(id));
  const history = new History(runDocument({ tensors, steps }));
  const replayed = new Map();
  steps.forEach((each, position) => {
    for (const change of each.changed) replayed.set(change.tensor, change.value);
    for (const one of tensors) assert.equal(history.valueOf(one, position), replayed.get(one.id));
  });
});

test("a chain of 20,000 functions does not overflow the stack", () => {
  const functions = Array.from({ length: 20_000 }, (_, nr) => fn(`f${nr}`, nr ? [`f${nr - 1}`] : []));
  const history = new History(runDocument({ functions: functions.toReversed(), steps: [step(1)] }));
  assert.equal(history.agesAt(0).size, 20_000);
});
