/** Moving through the graph with the keyboard. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { walk } from "../../static/graph/keyboard.js";

/** Two leaves above a function, and its result below. */
function picture() {
  const node = (name, x, y) => ({ name, box: { x, y, width: 10, height: 10 }, into: [], from: [] });
  const [left, right, mul, result] = [
    node("left", 0, 0),
    node("right", 100, 0),
    node("mul", 60, 50),
    node("result", 60, 100),
  ];
  const join = (tail, head) => (tail.into.push(head), head.from.push(tail));
  join(left, mul);
  join(right, mul);
  join(mul, result);
  return { nodes: [left, right, mul, result], left, right, mul, result };
}

test("down and up follow the arrows, to the nearest of several", () => {
  const { mul, left, ...rest } = picture();
  assert.equal(walk("ArrowDown", left, rest).name, "mul");
  assert.equal(walk("ArrowUp", mul, rest).name, "right");
  assert.equal(walk("ArrowUp", left, rest), null);
});

test("left and right stay in the row", () => {
  const { left, right, mul, ...rest } = picture();
  assert.equal(walk("ArrowRight", left, rest), right);
  assert.equal(walk("ArrowLeft", right, rest), left);
  assert.equal(walk("ArrowRight", mul, rest), null);
});

test("Home and End go to the first and last, and other keys nowhere", () => {
  const { left, mul, result, ...rest } = picture();
  assert.equal(walk("Home", mul, rest), left);
  assert.equal(walk("End", mul, rest), result);
  assert.equal(walk("a", mul, rest), undefined);
});
