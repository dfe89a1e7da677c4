/**
 * Visible stand-ins for characters that a terminal obeys rather than shows, or that some programs take for the end of a
 * line. These are the control characters (Unicode Cc) except TAB, U+2028 and U+2029.
 */

const TAB = 0x09;
const DELETE = 0x7f;
/** The stand-in of an ASCII control character is the character at U+2400 plus its code: E2 90 80 and so on. */
const PICTURES_BEGIN = [0xe2, 0x90] as const;
const FIRST_PICTURE = 0x80;
const PICTURE_OF_DELETE = 0xa1;
/** U+FFFD stands in for characters without a picture. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;
const STAND_IN_BYTES = 3;

/** @returns the length in bytes of the character at `at` if it needs a stand-in, or else 0. The bytes must be UTF-8. */
function controlAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x20) return byte === TAB ? 0 : 1;
  if (byte < DELETE) return 0;
  if (byte === DELETE) return 1;
  if (byte === 0xc2) return (bytes[at + 1] as number) < 0xa0 ? 2 : 0;
  if (byte !== 0xe2 || bytes[at + 1] !== 0x80) return 0;
  return bytes[at + 2] === 0xa8 || bytes[at + 2] === 0xa9 ? 3 : 0;
}

/** @returns the length in bytes of the text in [start, end) of `bytes` once stand-ins are in it */
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

/** Whether any character in [start, end) of `bytes` needs a stand-in. */
export function needsStandIn(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (controlAt(bytes, at) > 0) return true;
  return false;
}

/**
 * Copies the text in [start, end) of `bytes` to `to` from `toAt` on, with stand-ins.
 * @returns the place in `to` after the copy
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

/** Characters that do not show as themselves in a name (strict-name.ts). */
const NOT_SHOWN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A name for a notice. Characters that are invisible, or change the direction of the text, get stand-ins too. */
export function shownName(name: Uint8Array): Uint8Array {
  if (name.every((byte) => byte >= 0x20 && byte < DELETE)) return name;
  return Buffer.from(Buffer.from(name).toString().replace(NOT_SHOWN, pictureOf));
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === DELETE ? '\u2421' : '\ufffd';
}
