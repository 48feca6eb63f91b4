/** The state of a live run, from its events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../static/state/live.js";

const handle = (live, name, value) => live.handleEvent({ name, value });
const state = (iteration, scalars) => ({
  iteration,
  line: 1,
  root: { name: "loss", value: 1 },
  parameters: {},
  scalars,
  views: {},
});

test("the curve is put together from its pieces, also when one comes twice", () => {
  const live = new Live();
  handle(live, "curve", { first: 0, values: [3, 2] });
  handle(live, "curve", { first: 2, values: ["NaN", 1] });
  handle(live, "curve", { first: 2, values: ["Infinity", 1] });
  assert.deepEqual(live.losses, [3, 2, Infinity, 1]);
  assert.equal(live.points.value, 4);
});

test("output and figures are appended", () => {
  const live = new Live();
  handle(live, "stdout", { text: "a" });
  handle(live, "stdout", { text: "b\n" });
  handle(live, "stderr", { text: "c" });
  handle(live, "figure", { format: "svg", data: "", line: 1 });
  assert.equal(live.stdout.value, "ab\n");
  assert.equal(live.stderr.value, "c");
  assert.equal(live.figures.value.length, 1);
});

test("warnings are kept, and no more than the page can show", () => {
  const live = new Live();
  for (let nr = 0; nr < 1000; nr += 1) handle(live, "diagnostic", { id: "warning", title: String(nr) });
  assert.equal(live.diagnostics.value[0].title, "0");
  assert.equal(live.diagnostics.value.length, 50);
});

test("a run is paused and resumed", () => {
  const live = new Live();
  handle(live, "paused", { line: 7, asks: true });
  assert.deepEqual([live.status.value, live.line.value, live.asks.value], ["paused", 7, true]);
  handle(live, "resumed", {});
  assert.deepEqual([live.status.value, live.asks.value], ["running", false]);
});

test("a reset clears what is sent again, and keeps the controls", () => {
  const live = new Live();
  handle(live, "controls", { controls: [{ name: "lr" }], speed: 5 });
  handle(live, "curve", { first: 0, values: [1] });
  handle(live, "diagnostic", { id: "warning" });
  handle(live, "state", state(0, { a: 1 }));
  handle(live, "reset", {});
  assert.deepEqual([live.losses, live.points.value, live.diagnostics.value], [[], 0, []]);
  assert.equal(live.scalars.size, 0);
  assert.equal(live.controls.value.length, 1);
});

test("a number that changes is charted; a counter, a constant and a control are not", () => {
  const live = new Live();
  handle(live, "controls", { controls: [{ name: "lr" }], speed: null });
  [0.5, 0.4, 0.6].forEach((moves, nr) => handle(live, "state", state(nr, { moves, n: nr, one: 1, lr: moves })));
  assert.deepEqual(
    live.changingScalars().map(([name]) => name),
    ["moves"],
  );
});

test("a long run keeps its scalars within bounds, from the first iteration to the last", () => {
  const live = new Live();
  for (let nr = 0; nr < 20_000; nr += 1) {
    handle(live, "state", state(nr, { a: nr % 2 }));
    assert.equal(live.scalars.get("a").xs.at(-1), nr);
  }
  const { xs, ys } = live.scalars.get("a");
  assert.equal(xs.length, ys.length);
  assert.ok(xs.length <= 4000 && xs.length > 1000, String(xs.length));
  assert.equal(xs[0], 0);
  assert.deepEqual(
    xs,
    xs.toSorted((a, b) => a - b),
  );
});

test("a state that comes twice is one point", () => {
  const live = new Live();
  handle(live, "state", state(3, { a: 1 }));
  handle(live, "state", state(3, { a: 2 }));
  assert.deepEqual(live.scalars.get("a").xs, [3]);
});
