/** Short pieces of bytes: compared, read and written without a call into Node. */

/** In what is expected it stands for any digit: servers number and time their messages. No text has this byte. */
const ANY_DIGIT = 0xff;
/** The same in a text of one byte a character. */
export const ANY = '\u00ff';

const ZERO = 48;
const NINE = 57;

/** Whether `expected` stands at `at`. */
export function hasAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) {
    if (bytes[at + i] !== expected[i] && !(expected[i] === ANY_DIGIT && isDigit(bytes[at + i] as number))) return false;
  }
  return true;
}

/** Reads `count` decimal digits. */
export function decimalAt(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 10 + (bytes[i] as number) - ZERO;
  return value;
}

/** Writes a number as `count` decimal digits. */
export function putDecimal(bytes: Buffer, at: number, count: number, value: number): void {
  for (let i = at + count - 1, rest = value; i >= at; i--) {
    const next = Math.floor(rest / 10);
    bytes[i] = ZERO + rest - next * 10;
    rest = next;
  }
}

/** Where the number that begins at `at` ends. */
export function endOfDigits(bytes: Buffer, at: number): number {
  let end = at;
  while (isDigit(bytes[end] as number)) end++;
  return end;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
