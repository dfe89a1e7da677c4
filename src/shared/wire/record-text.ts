/** A text in a record: a word with its length in bytes, and behind that its bytes, filled up to a whole word. */
import { type BatchBuilder, type BatchCursor, padded } from './batch.ts';

/** The byte at which a text begins whose length stands in word `word`. */
export function textStart(word: number): number {
  return (word + 1) << 2;
}

/** The first word behind a text of `length` bytes whose length stands in word `word`. */
export function wordBehindText(word: number, length: number): number {
  return word + 1 + (padded(length) >> 2);
}

/** Puts a text; its length stands in word `word` of the batch. */
export function putText(batch: BatchBuilder, word: number, text: Uint8Array): void {
  batch.words[word] = text.length;
  batch.bytes.set(text, textStart(word));
}

/**
 * Begins a record that ends in a text, and puts the text. The caller fills the rest in at once.
 * @param place the word of the record in which the text's length stands
 * @returns the index of the record's first word
 */
export function beginWithText(batch: BatchBuilder, kind: number, place: number, text: Uint8Array): number {
  const at = batch.begin(kind, textStart(place) + text.length);
  putText(batch, at + place, text);
  return at;
}

/**
 * Reads a text of the record at the cursor.
 * @param place the word of the record in which its length stands
 * @returns a copy; undefined, and the record is none, if the text does not lie in it
 */
export function readText(cursor: BatchCursor, place: number): Uint8Array | undefined {
  const start = textStart(cursor.word + place);
  const length = cursor.at(place);
  if (cursor.holds(start, length)) return cursor.bytes.slice(start, start + length);
  cursor.fail();
  return undefined;
}
