/** How names, lines and times are shown to people. */

/**
 * What a terminal obeys instead of showing it: control characters, line ends, and marks that turn the writing round.
 */
const UNSHOWN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every character that a terminal would not show written as an escape sequence. */
export function escaped(text: string): string {
  return text.replace(UNSHOWN, (char) => SHORT[char] ?? hexEscape(char.codePointAt(0) ?? 0));
}

/** The bytes of a name or a line as text. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/** The bytes of a name or a line for people to read. */
export function shown(bytes: Uint8Array): string {
  return escaped(textOf(bytes));
}

/** A time in seconds since 1970, as ISO 8601 has it. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** `1 message`, `2,000 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

function hexEscape(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
