/** The state of the page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { State, isEmpty } from "../../static/state/state.js";
import { bound, fn, runDocument, step, tensor, value } from "./documents.js";

const ORIGIN = { slug: "leaves", title: "Leaves", part: "1", summary: "" };

function opened(code = "w = 1") {
  const state = new State();
  state.programOpened(ORIGIN, code, code);
  return state;
}

function withSteps() {
  const state = opened();
  const steps = [step(1, { bound: [bound("x")] }), step(2), step(3)];
  const tensors = [tensor("t1", { names: ["w"], grad_fn: "f1", value: value(9) })];
  const backward = [{ step: 1, functions: [] }];
  state.documentArrived(
    runDocument({ steps, tensors, functions: [fn("f1", [], { step: 1 })], backward, variables: [bound("w")] }),
    "w = 1",
  );
  return state;
}

test("an edited program is stale once it has run, and no more after it has run again", () => {
  const state = opened();
  assert.equal(state.stale.value, false);
  state.documentArrived(runDocument(), "w = 1");
  state.programEdited("w = 2");
  assert.deepEqual([state.stale.value, state.edited.value], [true, true]);
  state.documentArrived(runDocument(), "w = 2");
  assert.equal(state.stale.value, false);
});

test("another program clears the results of the last one", () => {
  const state = withSteps();
  state.select("t1");
  state.programOpened(ORIGIN, "a", "b", { notice: "a notice" });
  assert.deepEqual(
    [state.document.value, state.selected.value, state.ran.value, state.notice.value, state.edited.value],
    [null, null, null, "a notice", true],
  );
});

test("a failure keeps the last document and ends the run", () => {
  const state = withSteps();
  state.runStarted();
  state.runFailed({ title: "No", detail: "", advice: "" }, "w = 1");
  assert.equal(state.running.value, false);
  assert.ok(state.document.value);
  state.documentArrived(runDocument(), "w = 1");
  assert.equal(state.failure.value, null);
});

test("the last step is the finished run, and no step is before the first", () => {
  const state = withSteps();
  const at = (position) => (state.goToStep(position), state.position.value);
  assert.deepEqual([-1, 0, 1, 2, 99].map(at), [0, 0, 1, null, null]);
});

test("variables and values are those of the current step", () => {
  const state = withSteps();
  const [t1] = state.document.value.graph.tensors;
  assert.deepEqual(
    state.variables.value.map(({ name }) => name),
    ["w"],
  );
  assert.deepEqual(state.valueOf(t1).data, [9]);
  state.goToStep(0);
  assert.deepEqual(
    state.variables.value.map(({ name }) => name),
    ["x"],
  );
});

test("the gradients shown are those of the step, of the chosen pass, or none", () => {
  const state = withSteps();
  assert.equal(state.pass.value, null);
  state.goToStep(1);
  assert.equal(state.pass.value, 0);
  state.goToStep(2);
  state.choosePass(0);
  assert.deepEqual([state.pass.value, state.position.value], [0, 1]);
  state.choosePass(null);
  assert.equal(state.pass.value, null);
});

test("a selection outlives a run that gives the same element, and no other", () => {
  const state = withSteps();
  state.select("t1");
  const again = (names) => state.documentArrived(runDocument({ tensors: [tensor("t1", { names })] }), "w = 1");
  again(["w"]);
  assert.equal(state.selected.value, "t1");
  again(["another"]);
  assert.equal(state.selected.value, null);
});

test("values of a live run change in the graph that is shown, and never in a finished one", () => {
  const state = opened();
  const update = { tensors: { t1: { value: value(2), grad: null } }, functions: [], root_values: [] };
  const tensors = [tensor("t1", { value: value(1) })];
  state.liveDocumentArrived(runDocument({ tensors, status: "running" }), "w = 1");
  state.liveValuesArrived(update);
  assert.deepEqual(state.tensors.value.get("t1").value.data, [2]);
  state.documentArrived(runDocument({ tensors, status: "finished" }), "w = 1");
  state.liveValuesArrived(update);
  assert.deepEqual(state.tensors.value.get("t1").value.data, [1]);
});

test("there is nothing to draw without functions, live tensors and an error", () => {
  assert.equal(isEmpty(runDocument()), true);
  assert.equal(isEmpty(runDocument({ tensors: [tensor("t1", { alive: false })] })), true);
  assert.equal(isEmpty(runDocument({ tensors: [tensor("t1")] })), false);
  assert.equal(isEmpty(runDocument({ functions: [fn("f1")] })), false);
  assert.equal(isEmpty(runDocument({ error: { type: "ValueError" } })), false);
});
