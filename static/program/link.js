/** A program as a link, and how it is looked at: `#v1.` and base64url of deflated JSON. */

/** @import {Seen} from "../state/state.js" */

const PREFIX = "#v1.";
export const MAX_LINK_CHARACTERS = 60_000;
const MAX_INFLATED_BYTES = 256 * 1024;
const MAX_OPEN = 1_000;

export class BadLink extends Error {}

/** @param {string} code @param {Seen} [seen] @returns {Promise<string>} the part of an address after the path */
export async function encodeLink(code, seen = {}) {
  const json = new Blob([JSON.stringify({ code, ...seen })]);
  const packed = await bytesOf(json.stream().pipeThrough(new CompressionStream("deflate-raw")));
  const characters = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  return PREFIX + btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} hash
 * @returns {Promise<{code: string, seen: Seen} | null>} null if the address has no program
 * @throws {BadLink} with a message for the user
 */
export async function decodeLink(hash) {
  if (!hash.startsWith(PREFIX)) return null;
  if (hash.length > MAX_LINK_CHARACTERS) throw new BadLink("The link is too long to be a gradfn link.");
  let json;
  try {
    const base64 = hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/");
    const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const bytes = await bytesOf(inflated, MAX_INFLATED_BYTES);
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof BadLink) throw error;
    throw new BadLink("The link could not be read; part of it may be missing.");
  }
  if (typeof json?.code !== "string") throw new BadLink("The link contains no program.");
  return { code: json.code.replace(/^\ufeff/, ""), seen: seenIn(json) }; // without the mark, as the server
}

/** As much of it as makes sense: anybody can write a link. @param {Record<string, unknown>} json @returns {Seen} */
function seenIn({ open, fold, compact, merged, step, selected }) {
  return {
    ...(Array.isArray(open) && open.length <= MAX_OPEN ? { open: open.filter(isId) } : {}),
    ...(fold === false ? { fold } : {}),
    ...(compact === false ? { compact } : {}),
    ...(merged === false ? { merged } : {}),
    ...(typeof step === "number" && Number.isSafeInteger(step) && step >= 0 ? { step } : {}),
    ...(isId(selected) ? { selected } : {}),
  };
}

/** @param {unknown} value @returns {value is string} */
function isId(value) {
  return typeof value === "string" && /^[\w-]{1,100}$/.test(value);
}

/** @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream */
async function bytesOf(stream, most = Infinity) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  let size = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > most) {
      await reader.cancel();
      throw new BadLink("The program in the link is too large.");
    }
    chunks.push(next.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
