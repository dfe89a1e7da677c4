/** The id that a program has given a message, in its frame: it begins the message (src/protocol/program-message.ts). */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ID_BEGINS = Buffer.from('"id":"');

/**
 * @returns the place behind the id in a message at [start, end) of `bytes`; undefined if the message begins with none
 */
export function idEndOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (let i = 0; i < ID_BEGINS.length; i++) if (bytes[start + i] !== ID_BEGINS[i]) return undefined;
  for (let at = start + ID_BEGINS.length; at < end; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return undefined;
}
