/** Finding elements of the graph. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_FOUND, find } from "../../static/graph/find.js";
import { fn, runDocument, tensor, value } from "./documents.js";

const run = runDocument({
  tensors: [
    tensor("t1", { names: ["net.weight"], is_leaf: true, grad: value([0, 0]), value: value([1, 2]), line: 3 }),
    tensor("t2", { names: ["net.bias"], is_leaf: true, value: value(["NaN"]), line: 3 }),
    tensor("t3", { names: ["weight of one that is gone"], alive: false }),
  ],
  functions: [fn("f1", [], { name: "AddmmBackward0", op: "aten::addmm", module: "net", line: 8 })],
});
const ids = (query) => find(query, run).map(({ id }) => id);

for (const [query, found] of Object.entries({
  "": [],
  weight: ["t1"],
  NET: ["t1", "t2", "f1"],
  addmm: ["f1"],
  "line 3": ["t1", "t2"],
  "line 8": ["f1"],
  nan: ["t2"],
  "grad=0": ["t1"],
  "grad = none": ["t2"],
  "no such thing": [],
})) {
  test(`“${query}” finds ${found.join(", ") || "nothing"}`, () => assert.deepEqual(ids(query), found));
}

test("only so many are listed", () => {
  const functions = Array.from({ length: 80 }, (_, nr) => fn(`f${nr}`));
  assert.equal(find("mul", runDocument({ functions })).length, MOST_FOUND);
});
