/** Texts in records. A text is a word with its length in bytes, and then its bytes, padded to a whole word. */
import { type BatchBuilder, type BatchCursor, padded } from './batch.ts';

/** @returns the first byte of a text whose length is in word `word` */
export function textStart(word: number): number {
  return (word + 1) << 2;
}

/** @returns the first word after a text of `length` bytes whose length is in word `word` */
export function wordBehindText(word: number, length: number): number {
  return word + 1 + (padded(length) >> 2);
}

/** Puts a text. Its length is put into word `word` of the batch. */
export function putText(batch: BatchBuilder, word: number, text: Uint8Array): void {
  batch.words[word] = text.length;
  batch.bytes.set(text, textStart(word));
}

/**
 * Begins a record that ends with a text, and puts the text. The caller must fill in the other words at once.
 * @param place the word of the record for the length of the text
 * @returns the index of the first word of the record
 */
export function beginWithText(batch: BatchBuilder, kind: number, place: number, text: Uint8Array): number {
  const at = batch.begin(kind, textStart(place) + text.length);
  putText(batch, at + place, text);
  return at;
}

/**
 * Reads a text of the current record.
 * @param place the word of the record that has the length of the text
 * @returns a copy; undefined, with the batch marked as broken, if the text is not inside the record
 */
export function readText(cursor: BatchCursor, place: number): Uint8Array | undefined {
  const start = textStart(cursor.word + place);
  const length = cursor.at(place);
  if (cursor.holds(start, length)) return cursor.bytes.slice(start, start + length);
  cursor.fail();
  return undefined;
}
