/**
 * Visible stand-ins for characters that a terminal obeys instead of showing them, or that some programs take for the
 * end of a line: control characters (Unicode Cc, but for TAB), U+2028 and U+2029.
 */

const TAB = 0x09;
const DELETE = 0x7f;
/** The picture of a control character of ASCII is at U+2400 and its own number: E2 90 80 and so on. */
const PICTURES_BEGIN = [0xe2, 0x90] as const;
const FIRST_PICTURE = 0x80;
const PICTURE_OF_DELETE = 0xa1;
/** U+FFFD, for the characters that have no picture. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;
const STAND_IN_BYTES = 3;

/** The length of the character at `at` if it needs a stand-in, or else 0. The bytes are UTF-8. */
function controlAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x20) return byte === TAB ? 0 : 1;
  if (byte < DELETE) return 0;
  if (byte === DELETE) return 1;
  if (byte === 0xc2) return (bytes[at + 1] as number) < 0xa0 ? 2 : 0;
  if (byte !== 0xe2 || bytes[at + 1] !== 0x80) return 0;
  return bytes[at + 2] === 0xa8 || bytes[at + 2] === 0xa9 ? 3 : 0;
}

/** How long the text in [start, end) of `bytes` is with stand-ins in it; the same as it is where none is needed. */
export function shownLength(bytes: Uint8Array, start: number, end: number): number {
  let length = end - start;
  for (let at = start; at < end; at++) {
    const size = controlAt(bytes, at);
    if (size === 0) continue;
    length += STAND_IN_BYTES - size;
    at += size - 1;
  }
  return length;
}

/** Whether the text in [start, end) of `bytes` needs a stand-in. */
export function needsStandIn(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (controlAt(bytes, at) > 0) return true;
  return false;
}

/**
 * Writes the text in [start, end) of `bytes`, with stand-ins in it, to `to` from `toAt` on. @returns the byte behind it
 */
export function putShown(bytes: Uint8Array, start: number, end: number, to: Uint8Array, toAt: number): number {
  let out = toAt;
  for (let at = start; at < end; at++) {
    const size = controlAt(bytes, at);
    if (size === 0) {
      to[out++] = bytes[at] as number;
      continue;
    }
    const byte = bytes[at] as number;
    to.set(size > 1 ? REPLACEMENT : PICTURES_BEGIN, out);
    if (size === 1) to[out + 2] = byte === DELETE ? PICTURE_OF_DELETE : FIRST_PICTURE + byte;
    out += STAND_IN_BYTES;
    at += size - 1;
  }
  return out;
}

/** Whatever does not show as itself in a name: see strict-name.ts. */
const NOT_SHOWN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A name for a line of the broker's own: also what is invisible in it, or turns the direction of the text, is shown.
 */
export function shownName(name: Uint8Array): Uint8Array {
  if (name.every((byte) => byte >= 0x20 && byte < DELETE)) return name;
  return Buffer.from(Buffer.from(name).toString().replace(NOT_SHOWN, pictureOf));
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === DELETE ? '\u2421' : '\ufffd';
}
