/**
 * What a name may be where STRICT is on: whoever reads it on a terminal, or parses it, must not be deceived. Bytes that
 * are no UTF-8, and too many of them, are refused before.
 */
import { isAddressable, trimEnd, trimStart } from '../plain/addressed-line.ts';

/** Control characters, and what some programs take for the end of a line. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/**
 * Format characters, among them those that turn the direction of the text, and all that is drawn as nothing or as a
 * blank without being white space: two names that differ in it alone look the same.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Half a pair, private use, and what is no character: nobody knows how it looks. */
const UNKNOWN = /[\p{Cs}\p{Co}\p{Cn}]/u;
/** `* ` begins what the broker says, `/` a command, `{` what programs say. */
const RESERVED_BEGINNINGS = ['* ', '/', '{'];

/** Why a name is refused, in words that its client reads behind `name refused: `; undefined if it is not. */
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

/** More marks in a row than any writing has; Unicode's own limit for such cases is 30 (UAX #15, stream-safe text). */
const MANY_MARKS = /\p{M}{31}/u;
/** Text that is not in NFC is at most so many times as long as it is then. */
const NFD_GROWTH = 3;

/**
 * The name that is meant, in NFC; undefined if it is that already. What is so long that it is nobody's name, in
 * whatever form, is left as it is, and so is what has very many marks on one character: to sort them takes the square
 * of their number.
 */
export function normalized(name: Uint8Array, maxNameBytes: number): Uint8Array | undefined {
  if (name.length > maxNameBytes * NFD_GROWTH) return undefined;
  const text = Buffer.from(name).toString();
  if (MANY_MARKS.test(text)) return undefined;
  const normal = text.normalize('NFC');
  return normal === text ? undefined : Buffer.from(normal);
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** A byte order mark that some editors put at the start of what they send. */
export function withoutByteOrderMark(start: Buffer): Buffer {
  return start.indexOf(BYTE_ORDER_MARK) === 0 ? start.subarray(BYTE_ORDER_MARK.length) : start;
}

/** Bytes that the first line may have more than the name in it. */
export const BYTE_ORDER_MARK_BYTES = BYTE_ORDER_MARK.length;
