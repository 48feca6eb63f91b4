/** The film of a run: steps, and functions of backward passes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Film } from "../../static/state/film.js";
import { History } from "../../static/state/history.js";
import { firstNotFinite, nextRunOfLine } from "../../static/state/jumps.js";
import { createState } from "../../static/state/state.js";
import { fn, runDocument, step, tensor, value } from "./documents.js";

/** y = w * w, and y.backward() in the third of four steps. */
function squared(before = null) {
  const passed = (id, got, sent) => ({ function: id, name: "", grad_outputs: [got], grad_inputs: sent });
  const pass = {
    line: 3,
    step: 2,
    alike: null,
    root_values: [value(9)],
    functions: [passed("f1", value(1), [value(3), value(3)]), passed("f2", value(6), [])],
    accumulated: [{ name: "w", tensor: "t1", before, after: value(before ? 8 : 6) }],
  };
  return runDocument({
    tensors: [tensor("t1", { names: ["w"], is_leaf: true, value: value(3), grad: value(before ? 8 : 6) })],
    functions: [fn("f1", ["f2", "f2"]), fn("f2", [], { name: "AccumulateGrad", variable: "t1" })],
    backward: [pass],
    steps: [step(1), step(2), step(3, { changed: [{ tensor: "t1", attribute: "grad", value: value(6) }] }), step(4)],
  });
}

const filmOf = (document) => new Film(document, new History(document));

test("a backward pass has a station for each function, before its step is over", () => {
  const film = filmOf(squared());
  assert.equal(film.length, 6);
  const stations = Array.from({ length: 6 }, (_, nr) => film.at(nr));
  assert.deepEqual(
    stations.map(({ position, inside }) => [position, inside?.done ?? 0]),
    [
      [0, 0],
      [1, 0],
      [2, 1],
      [2, 2],
      [2, 0],
      [3, 0],
    ],
  );
  stations.forEach((station, nr) => assert.equal(film.indexOf(station), nr));
});

for (const before of [null, value(2)]) {
  test(`.grad fills when its AccumulateGrad is executed, from ${before ? "a number" : "None"}`, () => {
    const state = createState();
    state.documentArrived(squared(before), "code");
    const [w] = state.document.value.graph.tensors;
    const grads = [2, 3, 4].map((station) => {
      state.goToStation(station);
      return state.gradOf(w)?.data[0] ?? null;
    });
    assert.deepEqual(grads.slice(0, 2), [before?.data[0] ?? null, before ? 8 : 6]);
  });
}

test("the last station is the finished run, and no station is outside the film", () => {
  const state = createState();
  state.documentArrived(squared(), "code");
  state.goToStation(3);
  assert.deepEqual([state.position.value, state.inside.value, state.executed.value], [2, { pass: 0, done: 2 }, "f2"]);
  state.goToStation(99);
  assert.deepEqual([state.position.value, state.inside.value, state.station.value], [null, null, 5]);
  state.goToStation(-1);
  assert.equal(state.station.value, 0);
});

test("a finished run shows the gradients of its last pass, unless none are wanted", () => {
  const state = createState();
  state.documentArrived(squared(), "code");
  assert.equal(state.drawnPass.value, 0);
  state.choosePass(null);
  assert.equal(state.drawnPass.value, null);
});

test("the first number that is not finite is found where it appears, in a pass too", () => {
  const document = squared();
  assert.equal(firstNotFinite(filmOf(document), document), null);
  document.backward[0].functions[1].grad_outputs = [value("NaN")];
  assert.deepEqual(firstNotFinite(filmOf(document), document), { station: 3, id: "f2" });
  document.steps[1].bound = [{ name: "w", kind: "tensor", tensor: "t1", repr: "", value: value("Infinity") }];
  assert.deepEqual(firstNotFinite(filmOf(document), document), { station: 1, id: "t1" });
});

test("the next run of a line is the first after the last", () => {
  const steps = [step(1), step(2), step(3), step(2), step(3), step(4)];
  assert.deepEqual(
    [1, 3, 2].map((at) => nextRunOfLine(steps, at)),
    [3, 1, 4],
  );
  assert.equal(nextRunOfLine(steps, 5), null);
});
