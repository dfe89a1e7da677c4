/**
 * The rules for names with STRICT=on. A name must deceive neither a person who reads it on a terminal nor a program
 * that parses it. Names that are too long, or not UTF-8, are refused before.
 */
import { isAddressable, trimEnd, trimStart } from '../plain/addressed-line.ts';

/** Control characters, and separators that some programs take for the end of a line. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/**
 * Format characters, some of which change the direction of the text, and other characters that are drawn as nothing or
 * as a blank. Two names that differ only in these look the same.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Surrogates, private use and unassigned characters: how these look is not known. */
const UNKNOWN = /[\p{Cs}\p{Co}\p{Cn}]/u;
/** Beginnings that mean something else: `* ` is a notice, `/` a command, `{` is for programs. */
const RESERVED_BEGINNINGS = ['* ', '/', '{'];

/** @returns why a name is refused, in words that follow `name refused: `; undefined if it is accepted */
export function nameProblem(name: Uint8Array): string | undefined {
  if (name.length === 0) return 'it is empty';
  const text = Buffer.from(name).toString();
  if (CONTROL.test(text)) return 'it has a control character or a line separator in it';
  if (trimStart(name, 0, name.length) > 0 || trimEnd(name, 0, name.length) < name.length) {
    return 'it has white space at an end';
  }
  if (!isAddressable(name)) return 'it has a comma or a colon in it';
  const reserved = RESERVED_BEGINNINGS.find((beginning) => text.startsWith(beginning));
  if (reserved !== undefined) return `it begins with "${reserved}"`;
  if (INVISIBLE.test(text)) return 'it has an invisible or a direction character in it';
  if (UNKNOWN.test(text)) return 'it has a character in it that Unicode does not assign';
  if (text.normalize('NFC') !== text) return 'it is not in Unicode normal form C (NFC)';
  return undefined;
}

/**
 * More combining marks in a row than any script has. The limit of Unicode for such text is 30 (UAX #15, stream-safe
 * text).
 */
const MANY_MARKS = /\p{M}{31}/u;
/** The NFC of a text can be this many times shorter than the text. */
const NFD_GROWTH = 3;

/**
 * Normalizes a name to NFC. A name that is too long in any form is left as it is. So is one with very many marks on a
 * character, because sorting them takes time by the square of their number.
 * @returns undefined if the name stays as it is
 */
export function normalized(name: Uint8Array, maxNameBytes: number): Uint8Array | undefined {
  if (name.length > maxNameBytes * NFD_GROWTH) return undefined;
  const text = Buffer.from(name).toString();
  if (MANY_MARKS.test(text)) return undefined;
  const normal = text.normalize('NFC');
  return normal === text ? undefined : Buffer.from(normal);
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** @returns the line without the byte order mark that some editors put before it */
export function withoutByteOrderMark(start: Buffer): Buffer {
  return start.indexOf(BYTE_ORDER_MARK) === 0 ? start.subarray(BYTE_ORDER_MARK.length) : start;
}

/** A first line may be this many bytes longer than its name. */
export const BYTE_ORDER_MARK_BYTES = BYTE_ORDER_MARK.length;
