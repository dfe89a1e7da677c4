/**
 * Records of messages to a shard. The record of a message has its one name, or the number of a list. A list of names is
 * a record of its own, earlier in the same batch. Any number of messages may refer to it.
 */
import { copyText, type Memory, NO_MEMORY } from '../memory/memory.ts';
import { type BatchBuilder, type BatchCursor, padded } from './batch.ts';
import { NO_MESSAGE_ID } from './events.ts';
import * as frames from './frames/frames.ts';
import { textStart, wordBehindText } from './record-text.ts';
import type { AttachmentNumber } from './records.ts';
import * as records from './records.ts';

const { LIST, LIST_NAME, MESSAGE, TO_SHARD } = records;
const { BODY_OFFSET } = frames;
const LF = 10;
/** In place of the number of a list: the message has one destination, whose name comes after the frame. */
export const TO_ONE = -1;

/** A line, as a place in the bytes that it was read into. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The memory that `bytes` is a view of, and where in it the view begins. */
  readonly memory: Memory;
  readonly offset: number;
}

/**
 * The text of a frame before its message. Element 0 is its length in bytes, and the others are its words; the last word
 * may have up to three spare bytes. It is a plain array because each session has its own. A typed array is four
 * objects, which are in no cache: with 2,000 peers those take 3 % of the time of the main thread.
 */
export type Prefix = readonly number[];

/** @returns a text as a prefix */
export function prefixOf(text: Uint8Array): Prefix {
  const bytes = new Uint8Array(padded(text.length));
  bytes.set(text);
  return [text.length, ...new Int32Array(bytes.buffer)];
}

/** The destinations of a line, as places in its bytes, with the shard of each. */
export interface Destinations {
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly shards: Int32Array;
}

/** The message of a line, as a place in its bytes. */
export interface Body {
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** What kind of frame it becomes: bits of FRAME_BODY (frames.ts). */
  readonly kind: number;
  /** The number by which its sender is told its outcome; NO_MESSAGE_ID if it is not told. */
  readonly messageId: number;
}

/** @returns how many of the destinations from number `first` to before `end` belong to `shard` */
export function countOf(to: Destinations, shard: number, first = 0, end = to.count): number {
  let count = 0;
  for (let i = first; i < end; i++) if (to.shards[i] === shard) count++;
  return count;
}

/**
 * Puts a list of the destinations from number `first` to before `end` that belong to `shard`.
 * @returns the number of the list in this batch; undefined if there is no such destination, and nothing was put
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
  const text = to.starts[first] as number;
  const length = (to.ends[end - 1] as number) - text;
  const at = batch.begin(TO_SHARD.list, (wordBehindText(LIST.text, length) + count * LIST_NAME.words) * 4);
  const { words } = batch;
  words[at + LIST.names] = count;
  words[at + LIST.text] = length;
  copyText(line.memory, line.offset + text, batch.memory, textStart(at + LIST.text), length);
  let word = wordBehindText(at + LIST.text, length);
  for (let i = first; i < end; i++) {
    if (to.shards[i] !== shard) continue;
    const start = to.starts[i] as number;
    words[word + LIST_NAME.start] = start - text;
    words[word + LIST_NAME.length] = (to.ends[i] as number) - start;
    word += LIST_NAME.words;
  }
  return batch.lists++;
}

/** Puts a list that `putList` has encoded for another batch. @returns its number in this batch */
export function repeatList(batch: BatchBuilder, record: Int32Array): number {
  const at = batch.begin(TO_SHARD.list, record.length * 4);
  const { words } = batch;
  for (let i = 0; i < record.length; i++) words[at + i] = record[i] as number;
  return batch.lists++;
}

/**
 * Puts a message to the names of a list.
 * @param list the number of the list in the same batch
 * @param prefix what a frame has before the message
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

/** Puts a message to the first of the destinations in `toLine`, which may be the same line. */
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

/** Puts a message with its frame, and leaves room for a name. @returns the byte where the name must be put */
function putFrame(
  batch: BatchBuilder,
  sender: AttachmentNumber,
  list: number,
  prefix: Prefix,
  line: Line,
  { bodyStart, bodyEnd, kind, messageId }: Body,
  nameLength: number,
): number {
  const bodyLength = bodyEnd - bodyStart;
  const prefixLength = prefix[0] as number;
  const frameLength = prefixLength + bodyLength + 1;
  const at = batch.begin(TO_SHARD.message, MESSAGE.frame * 4 + frameLength + nameLength);
  const { words, bytes } = batch;
  words[at + MESSAGE.sender] = sender;
  words[at + MESSAGE.list] = list;
  words[at + MESSAGE.frameLength] = frameLength;
  words[at + MESSAGE.body] = prefixLength | kind;
  words[at + MESSAGE.messageId] = messageId;
  words[at + MESSAGE.nameLength] = nameLength;
  const frame = (at + MESSAGE.frame) << 2;
  // The last word of the prefix may have spare bytes. The message overwrites them, so it is copied after the prefix.
  const prefixAt = at + MESSAGE.frame - 1; // element 0 of a prefix is no word of it
  for (let i = 1; i < prefix.length; i++) words[prefixAt + i] = prefix[i] as number;
  copyText(line.memory, line.offset + bodyStart, batch.memory, frame + prefixLength, bodyLength);
  bytes[frame + frameLength - 1] = LF;
  return frame + frameLength;
}

/** A list of names, as a shard reads it. The object is reused for the next list, so it must not be kept. */
export class ListRecord {
  bytes: Uint8Array = new Uint8Array(0);
  /** The place of the current name in `bytes`. */
  nameAt = 0;
  nameLength = 0;
  #cursor: BatchCursor | undefined;
  #left = 0;
  #textAt = 0;
  #textLength = 0;
  /** The first word of the next name. */
  #next = 0;

  /** Reads the current record of `cursor`. @returns false, with the batch marked as broken, if it is no valid list */
  read(cursor: BatchCursor): boolean {
    this.#cursor = cursor;
    this.bytes = cursor.bytes;
    this.#left = cursor.at(LIST.names);
    this.#textLength = cursor.at(LIST.text);
    this.#textAt = textStart(cursor.word + LIST.text);
    if (!cursor.holds(this.#textAt, padded(this.#textLength))) return cursor.fail();
    this.#next = wordBehindText(cursor.word + LIST.text, this.#textLength);
    return cursor.holds(this.#next << 2, this.#left * LIST_NAME.words * 4) || cursor.fail();
  }

  /** Moves to the next name. @returns false after the last one */
  next(): boolean {
    const cursor = this.#cursor;
    if (cursor === undefined || this.#left <= 0) return false;
    this.#left--;
    const start = cursor.words[this.#next + LIST_NAME.start] as number;
    this.nameLength = cursor.words[this.#next + LIST_NAME.length] as number;
    this.#next += LIST_NAME.words;
    if (start < 0 || this.nameLength < 0 || start + this.nameLength > this.#textLength) return cursor.fail();
    this.nameAt = this.#textAt + start;
    return true;
  }
}

/** A message, as a shard reads it. The object is reused for the next message, so it must not be kept. */
export class MessageRecord {
  sender: AttachmentNumber = 0;
  /** The number of its list in the batch, or TO_ONE. */
  list = 0;
  memory: Memory = NO_MEMORY;
  /** The place of the frame in `memory`. */
  frameAt = 0;
  frameLength = 0;
  /** The word FRAME_BODY of its header. */
  body = 0;
  messageId = NO_MESSAGE_ID;
  /** The place of the name in `memory`, if there is no list. */
  nameAt = 0;
  nameLength = 0;

  /**
   * Reads the current record of `cursor`.
   * @param lists how many lists come before it in the batch
   * @returns false, with the batch marked as broken, if it is no valid message
   */
  read(cursor: BatchCursor, lists: number): boolean {
    this.memory = cursor.memory;
    this.sender = cursor.at(MESSAGE.sender);
    this.list = cursor.at(MESSAGE.list);
    this.frameLength = cursor.at(MESSAGE.frameLength);
    this.body = cursor.at(MESSAGE.body);
    this.messageId = cursor.at(MESSAGE.messageId);
    this.nameLength = cursor.at(MESSAGE.nameLength);
    this.frameAt = (cursor.word + MESSAGE.frame) << 2;
    this.nameAt = this.frameAt + this.frameLength;
    if (this.list < TO_ONE || this.list >= lists) return cursor.fail();
    if (this.frameLength < 1 || this.body < 0 || (this.body & BODY_OFFSET) >= this.frameLength) return cursor.fail();
    if (this.nameLength < 0) return cursor.fail();
    return cursor.holds(this.frameAt, this.frameLength + this.nameLength) || cursor.fail();
  }
}
