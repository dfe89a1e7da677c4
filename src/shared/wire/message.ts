/**
 * Messages on their way to a shard. A message has the one name it goes to in its record, or else the number of a list
 * of names: a record of its own, before it in the same batch, which any number of messages may go to.
 *
 * | record | words after the header |
 * | --- | --- |
 * | list | names, length of the text they stand in; text; each: place in the text, length |
 * | message | sender, list (or -1), frame length, body offset, name length; frame; name |
 */
import { copyText, Memory } from '../memory/memory.ts';
import { type BatchBuilder, type BatchCursor, padded, RECORD_WORDS } from './batch.ts';
import type { AttachmentNumber } from './to-shard.ts';

export const MESSAGE = 2;
export const LIST = 8;

const LF = 10;
/** In place of a list's number: the name stands behind the frame. */
export const TO_ONE = -1;
const MESSAGE_WORDS = RECORD_WORDS + 5;

/** A line in the bytes it was read into. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The memory under `bytes`, and where in it they begin. */
  readonly memory: Memory;
  readonly offset: number;
}

/**
 * What a frame has before its message: first its length in bytes, then its words, of which the last may have up to
 * three bytes more. A plain array, because every message of every peer takes its own: a typed one is four objects that
 * are in no cache, and with 2,000 peers that is three hundredths of the main thread's time.
 */
export type Prefix = readonly number[];

export function prefixOf(text: Uint8Array): Prefix {
  const bytes = new Uint8Array(padded(text.length));
  bytes.set(text);
  return [text.length, ...new Int32Array(bytes.buffer)];
}

/** Where the destinations of a line stand in its bytes, and which shard each of them belongs to. */
export interface Destinations {
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly shards: Int32Array;
}

/** Where the message of a line stands in its bytes. */
export interface Body {
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** How many of the destinations from number `first` to before `end` belong to `shard`. */
export function countOf(to: Destinations, shard: number, first = 0, end = to.count): number {
  let count = 0;
  for (let i = first; i < end; i++) if (to.shards[i] === shard) count++;
  return count;
}

/**
 * Puts those destinations of a line, from number `first` to before `end`, that belong to `shard`.
 * @returns the number of the list in this batch, or undefined where there is no such destination and nothing was put
 */
export function putList(
  batch: BatchBuilder,
  shard: number,
  line: Line,
  to: Destinations,
  first = 0,
  end = to.count,
): number | undefined {
  const count = countOf(to, shard, first, end);
  if (count === 0) return undefined;
  const textStart = to.starts[first] as number;
  const textLength = (to.ends[end - 1] as number) - textStart;
  const at = batch.begin(LIST, (RECORD_WORDS + 2 + count * 2) * 4 + padded(textLength));
  const { words } = batch;
  words[at + 2] = count;
  words[at + 3] = textLength;
  const text = (at + 4) << 2;
  copyText(line.memory, line.offset + textStart, batch.memory, text, textLength);
  let word = (text + padded(textLength)) >> 2;
  for (let i = first; i < end; i++) {
    if (to.shards[i] !== shard) continue;
    const start = to.starts[i] as number;
    words[word] = start - textStart;
    words[word + 1] = (to.ends[i] as number) - start;
    word += 2;
  }
  return batch.lists++;
}

/** Puts a list as `putList` wrote it into another batch. @returns its number in this one */
export function putListAgain(batch: BatchBuilder, record: Int32Array): number {
  const at = batch.begin(LIST, record.length * 4);
  const { words } = batch;
  for (let i = 0; i < record.length; i++) words[at + i] = record[i] as number;
  return batch.lists++;
}

/**
 * Puts the message of a line for the names of a list.
 * @param prefix what a frame has before the message
 * @param list the number of a list in the same batch
 */
export function putMessage(
  batch: BatchBuilder,
  sender: AttachmentNumber,
  list: number,
  prefix: Prefix,
  line: Line,
  body: Body,
): void {
  putFrame(batch, sender, list, prefix, line, body, 0);
}

/** Puts the message of a line for the first of the destinations in `toLine`, which may be the same line. */
export function putMessageToOne(
  batch: BatchBuilder,
  sender: AttachmentNumber,
  prefix: Prefix,
  line: Line,
  body: Body,
  toLine: Line,
  to: Destinations,
): void {
  const start = to.starts[0] as number;
  const length = (to.ends[0] as number) - start;
  const at = putFrame(batch, sender, TO_ONE, prefix, line, body, length);
  copyText(toLine.memory, toLine.offset + start, batch.memory, at, length);
}

/** Puts a message and its frame. @returns the byte where the name is to stand */
function putFrame(
  batch: BatchBuilder,
  sender: AttachmentNumber,
  list: number,
  prefix: Prefix,
  line: Line,
  { bodyStart, bodyEnd }: Body,
  nameLength: number,
): number {
  const bodyLength = bodyEnd - bodyStart;
  const prefixLength = prefix[0] as number;
  const frameLength = prefixLength + bodyLength + 1;
  const at = batch.begin(MESSAGE, MESSAGE_WORDS * 4 + frameLength + nameLength);
  const { words, bytes } = batch;
  words[at + 2] = sender;
  words[at + 3] = list;
  words[at + 4] = frameLength;
  words[at + 5] = prefixLength;
  words[at + 6] = nameLength;
  const frame = (at + MESSAGE_WORDS) << 2;
  // Before the message: what is too much of the last word is written over, or is padding.
  const wordsAt = at + MESSAGE_WORDS - 1;
  for (let i = 1; i < prefix.length; i++) words[wordsAt + i] = prefix[i] as number;
  copyText(line.memory, line.offset + bodyStart, batch.memory, frame + prefixLength, bodyLength);
  bytes[frame + frameLength - 1] = LF;
  return frame + frameLength;
}

/** A list of names, as a shard reads it. It is reused: nothing may keep it. */
export class ListRecord {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the name at hand stands in `bytes`. */
  nameAt = 0;
  nameLength = 0;
  #cursor: BatchCursor | undefined;
  #left = 0;
  #textAt = 0;
  #textLength = 0;
  /** The first word of the next name. */
  #next = 0;

  /** @returns false if the record at the cursor is no list */
  read(cursor: BatchCursor): boolean {
    this.#cursor = cursor;
    this.bytes = cursor.bytes;
    this.#left = cursor.at(2);
    this.#textLength = cursor.at(3);
    this.#textAt = (cursor.word + 4) << 2;
    if (!cursor.holds(this.#textAt, padded(this.#textLength))) return cursor.fail();
    const wordsAt = this.#textAt + padded(this.#textLength);
    this.#next = wordsAt >> 2;
    return cursor.holds(wordsAt, this.#left * 8) || cursor.fail();
  }

  /** Goes to the next name. @returns false behind the last one */
  next(): boolean {
    const cursor = this.#cursor;
    if (cursor === undefined || this.#left <= 0) return false;
    this.#left--;
    const start = cursor.words[this.#next] as number;
    this.nameLength = cursor.words[this.#next + 1] as number;
    this.#next += 2;
    if (start < 0 || this.nameLength < 0 || start + this.nameLength > this.#textLength) return cursor.fail();
    this.nameAt = this.#textAt + start;
    return true;
  }
}

/** A message on its way to one name, or to those of a list. It is reused: nothing may keep it. */
export class MessageRecord {
  sender: AttachmentNumber = 0;
  /** The number of the list in the batch, or TO_ONE. */
  list = 0;
  memory: Memory = new Memory(new ArrayBuffer(0));
  /** Where the frame stands in it. */
  frameAt = 0;
  frameLength = 0;
  bodyOffset = 0;
  /** Where the name stands in it, where there is no list. */
  nameAt = 0;
  nameLength = 0;

  /**
   * @param lists how many lists stand before the record
   * @returns false if the record at the cursor is no message
   */
  read(cursor: BatchCursor, lists: number): boolean {
    this.memory = cursor.memory;
    this.sender = cursor.at(2);
    this.list = cursor.at(3);
    this.frameLength = cursor.at(4);
    this.bodyOffset = cursor.at(5);
    this.nameLength = cursor.at(6);
    this.frameAt = (cursor.word + MESSAGE_WORDS) << 2;
    this.nameAt = this.frameAt + this.frameLength;
    if (this.list < TO_ONE || this.list >= lists) return cursor.fail();
    if (this.frameLength < 1 || this.bodyOffset < 0 || this.bodyOffset >= this.frameLength) return cursor.fail();
    if (this.nameLength < 0) return cursor.fail();
    return cursor.holds(this.frameAt, this.frameLength + this.nameLength) || cursor.fail();
  }
}
