/** A program as a link: `#v1.` and base64url of deflated JSON. */

const PREFIX = "#v1.";
export const MAX_LINK_CHARACTERS = 60_000;
const MAX_INFLATED_BYTES = 256 * 1024;

export class BadLink extends Error {}

/** @param {string} code @returns {Promise<string>} the part of an address after the path */
export async function encodeLink(code) {
  const json = new Blob([JSON.stringify({ code })]);
  const packed = await bytesOf(json.stream().pipeThrough(new CompressionStream("deflate-raw")));
  const characters = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  return PREFIX + btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} hash
 * @returns {Promise<string | null>} the program, or null if the address has none
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
  return json.code.replace(/^\ufeff/, ""); // as the server does
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
