/** Programs as links. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { BadLink, MAX_LINK_CHARACTERS, decodeLink, encodeLink } from "../../static/program/link.js";

const linkOf = (text) => `#v1.${deflateRawSync(Buffer.from(text)).toString("base64url")}`;

const PROGRAMS = ["", "x = 1\n", "print('∂ é 🙂')\r\n", "\u0000\ufeff", "x = 1\n".repeat(5000)];

for (const code of PROGRAMS) {
  test(`a link brings back its program: ${JSON.stringify(code.slice(0, 20))}`, async () => {
    assert.deepEqual(await decodeLink(await encodeLink(code)), { code, seen: {} });
  });
}

test("a link is raw deflate of JSON in base64url, as the server reads it", async () => {
  const link = await encodeLink("w = 1");
  assert.match(link, /^#v1\.[\w-]+$/);
  assert.deepEqual(JSON.parse(inflateRawSync(Buffer.from(link.slice(4), "base64url"))), { code: "w = 1" });
  assert.equal((await decodeLink(linkOf('{"code": "w = 2"}'))).code, "w = 2");
});

test("a link brings back the open folds, the step and the selection", async () => {
  const seen = { open: ["x1", "x2"], step: 3, selected: "t1" };
  assert.deepEqual(await decodeLink(await encodeLink("w = 1", seen)), { code: "w = 1", seen });
});

test("what a link asks to show is left out where it makes no sense", async () => {
  const link = linkOf('{"code": "", "open": ["x1", 7, "<b>"], "fold": true, "step": -1, "selected": {}}');
  assert.deepEqual(await decodeLink(link), { code: "", seen: { open: ["x1"] } });
});

test("an address without a program is no link", async () => {
  assert.equal(await decodeLink(""), null);
  assert.equal(await decodeLink("#heading"), null);
});

for (const [name, hash] of Object.entries({
  "not base64": "#v1.%%%",
  "not deflate": "#v1.AAAA",
  "cut off": linkOf(JSON.stringify({ code: "x = 1\n".repeat(50) })).slice(0, -8),
  "not JSON": linkOf("{"),
  "not UTF-8": `#v1.${deflateRawSync(Buffer.from([0x22, 0xff, 0x22])).toString("base64url")}`,
  "no program in it": linkOf('{"code": 1}'),
  null: linkOf("null"),
  "too long": `#v1.${"A".repeat(MAX_LINK_CHARACTERS)}`,
  "a small link that inflates to much": linkOf(JSON.stringify({ code: "a".repeat(300_000) })),
})) {
  test(`a bad link is refused with a message: ${name}`, async () => {
    await assert.rejects(decodeLink(hash), (error) => error instanceof BadLink && /^The .+\.$/.test(error.message));
  });
}
