/**
 * Finds the text of a value in a line of JSON. The body of a message is passed on as it was written: a number with more
 * digits than JavaScript has would be changed if it were read and written again.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** A place in bytes. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * @param key in ASCII; in the line it may be written with escapes
 * @param bytes a valid JSON object at [start, end)
 * @returns where the value of `key` is in the object itself, and not in one within it; the last one, if there are
 *   several, as JSON.parse has it; undefined if there is none
 */
export function rawValue(bytes: Uint8Array, start: number, end: number, key: string): Extent | undefined {
  let found: Extent | undefined;
  let at = skipSpace(bytes, start) + 1; // behind the brace
  while (at < end) {
    at = skipSpace(bytes, at);
    if (bytes[at] !== QUOTE) break;
    const keyEnd = endOfText(bytes, at);
    const isKey = isText(bytes, at, keyEnd, key);
    const valueStart = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1); // behind the colon
    const valueEnd = endOfValue(bytes, valueStart, end);
    if (isKey) found = { start: valueStart, end: trimmedEnd(bytes, valueEnd) };
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] !== COMMA) break;
    at++;
  }
  return found;
}

/** @returns whether the text of JSON whose quotes are at `start` and before `end` is this one */
function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  const length = end - start - 2;
  if (length <= text.length) return length === text.length && isAt(bytes, start + 1, text);
  // Escapes make a text longer.
  return bytes.subarray(start, end).includes(BACKSLASH) && unescaped(bytes, start, end) === text;
}

function isAt(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

function unescaped(bytes: Uint8Array, start: number, end: number): unknown {
  return JSON.parse(Buffer.from(bytes.subarray(start, end)).toString());
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

function trimmedEnd(bytes: Uint8Array, end: number): number {
  let at = end;
  while (isSpace(bytes[at - 1])) at--;
  return at;
}

/** @returns the place behind the closing quote of the text whose opening quote is at `start` */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** @returns the place of the comma or the brace behind the value that begins at `start` */
function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
      continue;
    }
    if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) {
      if (depth === 0) return at;
      depth--;
    } else if (byte === COMMA && depth === 0) return at;
    at++;
  }
  return at;
}
