/**
 * Patterns of names: `alice` is that name, `team-*` every name that begins so, and `*` every name. They are compared as
 * names are: byte by byte, so `Alice` is another name, in the normal form C of Unicode.
 */

/** So many patterns may stand in one list. */
export const MAX_PATTERNS = 64;
/** The longest pattern, in bytes of UTF-8. */
export const MAX_PATTERN_BYTES = 256;

const STAR = '*';

/** @returns why a text is no pattern, in words that follow it; undefined if it is one */
export function patternProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (Buffer.byteLength(text) > MAX_PATTERN_BYTES) return `is longer than ${MAX_PATTERN_BYTES} bytes`;
  if (/[,:\n]/.test(text)) return 'has a comma, a colon or a line end in it';
  if (text.trim() !== text) return 'has white space at an end';
  if (text.slice(0, -1).includes(STAR)) return 'has a * that is not at its end';
  return undefined;
}

/** Some patterns. A name is covered if one of them is of it. */
export class NamePatterns {
  readonly texts: readonly string[];
  /** Whether every name is covered, so that none has to be looked at. */
  readonly coverAll: boolean;
  /** The bytes of the names, as text; and the beginnings. */
  readonly #names: ReadonlySet<string>;
  readonly #beginnings: readonly Buffer[];

  /** @param texts patterns that have no problem */
  constructor(texts: readonly string[]) {
    this.texts = texts.map((text) => text.normalize('NFC'));
    const isBeginning = (text: string) => text.endsWith(STAR);
    this.#names = new Set(this.texts.filter((text) => !isBeginning(text)).map((text) => keyOf(Buffer.from(text))));
    this.#beginnings = this.texts.filter(isBeginning).map((text) => Buffer.from(text.slice(0, -1)));
    this.coverAll = this.texts.includes(STAR);
  }

  /** Whether the name at [start, end) of `bytes` is covered. */
  cover(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    if (this.#beginnings.some((beginning) => beginsWith(bytes, start, end, beginning))) return true;
    return this.#names.size > 0 && this.#names.has(keyOf(bytes.subarray(start, end)));
  }
}

function beginsWith(bytes: Uint8Array, start: number, end: number, beginning: Uint8Array): boolean {
  if (end - start < beginning.length) return false;
  for (let i = 0; i < beginning.length; i++) if (bytes[start + i] !== beginning[i]) return false;
  return true;
}

function keyOf(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
}
