/** What a shard tells the main thread: how it is put, and read. Verbs are in the past tense: the decision is made. */
import { type BatchBuilder, BatchCursor, type Post } from './batch.ts';
import { readEvent, type ShardEvent } from './events.ts';
import { FRAME_HEADER_WORDS, type Frames } from './frames.ts';
import { beginWithText, readText } from './record-text.ts';
import type { AttachedAs, AttachmentNumber, Limit, StoreFailure, ToMainKind, WhoIs } from './records.ts';
import * as records from './records.ts';

const { ACKNOWLEDGED, ATTACHED, DELIVERED, EVENT, FLUSHED, LIMITED, SETTLED, STORE_FAILED, TO_MAIN, WHO_IS } = records;
const { ATTACHED_AS, LIMITS, MAX_WORD, NAME_STATES, STORE_FAILURES } = records;
const MAX_MESSAGE_CHARS = 1_000;

export function putAttached(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  as: AttachedAs,
  waitingMessages: number,
): void {
  const at = batch.begin(TO_MAIN.attached, ATTACHED.end * 4);
  batch.words[at + ATTACHED.attachment] = attachment;
  batch.words[at + ATTACHED.as] = ATTACHED_AS.indexOf(as);
  batch.words[at + ATTACHED.waitingMessages] = Math.min(waitingMessages, MAX_WORD);
}

export function putWhoIs(batch: BatchBuilder, asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void {
  const at = beginWithText(batch, TO_MAIN.whoIs, WHO_IS.name, name);
  batch.words[at + WHO_IS.asker] = asker;
  batch.words[at + WHO_IS.state] = NAME_STATES.indexOf(whoIs.state);
  batch.words[at + WHO_IS.awaySeconds] = Math.max(0, Math.min(whoIs.awaySeconds, MAX_WORD));
  batch.words[at + WHO_IS.waiting] = Math.min(whoIs.waiting, MAX_WORD);
}

/** The size of a delivery of `count` frames of `length` bytes in all. */
export function deliveredSize(count: number, length: number): number {
  return (DELIVERED.headers + count * FRAME_HEADER_WORDS) * 4 + length;
}

/**
 * Begins a delivery of `count` frames of `length` bytes in all; the caller fills headers and frames in at once.
 * @returns the index of the first header's first word; the frames' bytes follow the headers
 */
export function beginDelivered(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  count: number,
  length: number,
): number {
  const at = batch.begin(TO_MAIN.delivered, deliveredSize(count, length));
  batch.words[at + DELIVERED.attachment] = attachment;
  batch.words[at + DELIVERED.frames] = count;
  batch.words[at + DELIVERED.bytes] = length;
  return at + DELIVERED.headers;
}

export function putSettled(batch: BatchBuilder, attachment: AttachmentNumber): void {
  const at = batch.begin(TO_MAIN.settled, SETTLED.end * 4);
  batch.words[at + SETTLED.attachment] = attachment;
}

export function putAcknowledged(batch: BatchBuilder, bytes: number): void {
  const at = batch.begin(TO_MAIN.acknowledged, ACKNOWLEDGED.end * 4);
  batch.words[at + ACKNOWLEDGED.bytes] = bytes;
}

export function putFlushed(batch: BatchBuilder, flushId: number, waiting: number, storing: boolean): void {
  const at = batch.begin(TO_MAIN.flushed, FLUSHED.end * 4);
  batch.words[at + FLUSHED.flushId] = flushId;
  batch.words[at + FLUSHED.waiting] = waiting;
  batch.words[at + FLUSHED.storing] = storing ? 1 : 0;
}

export function putStoreFailed(batch: BatchBuilder, failure: StoreFailure, message: string): void {
  const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARS));
  const at = beginWithText(batch, TO_MAIN.storeFailed, STORE_FAILED.message, text);
  batch.words[at + STORE_FAILED.failure] = STORE_FAILURES.indexOf(failure);
}

export function putLimited(batch: BatchBuilder, limit: Limit, name: Uint8Array): void {
  const at = beginWithText(batch, TO_MAIN.limited, LIMITED.name, name);
  batch.words[at + LIMITED.limit] = LIMITS.indexOf(limit);
}

/** What works off the records to the main thread. */
export interface ToMainHandler {
  /**
   * Comes again when something has changed: a peer that waited has the name now, or a new life of the shard knows it.
   * @param waitingMessages what waits for a receiving attachment, and will be delivered before anything newer
   */
  attached(attachment: AttachmentNumber, as: AttachedAs, waitingMessages: number): void;
  /** The frames are views of the batch: what is kept beyond this call must be copied out. */
  delivered(attachment: AttachmentNumber, frames: Frames): void;
  /** The attachment has ended, and all its frames are accounted for: its number may be used again. */
  settled(attachment: AttachmentNumber): void;
  event(sender: AttachmentNumber, event: ShardEvent): void;
  whoIs(asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void;
  /** The shard has worked off `bytes` of what was posted. It answers each post with one of these, though with 0. */
  acknowledged(bytes: number): void;
  /** `waiting` messages are in the mailboxes of connected peers; while `storing`, the store has more to answer. */
  flushed(flushId: number, waiting: number, storing: boolean): void;
  /** After 'write' and 'no room' the shard writes nothing to its store until it is told that it can. */
  storeFailed(failure: StoreFailure, message: string): void;
  /** A limit is reached: of the mailbox of `name` or, where that is empty, of all. At most one a minute for each. */
  limited(limit: Limit, name: Uint8Array): void;
}

/**
 * Reads a post, record by record, into `handler`.
 * @returns false if the bytes stopped making sense; what came before has been handled, the rest is left
 */
export function readToMain(post: Post, handler: ToMainHandler): boolean {
  const cursor = new BatchCursor(post);
  while (cursor.next()) {
    const kind = cursor.kind as ToMainKind;
    switch (kind) {
      case TO_MAIN.delivered:
        readDelivered(cursor, handler);
        break;
      case TO_MAIN.attached:
        readAttached(cursor, handler);
        break;
      case TO_MAIN.settled:
        handler.settled(cursor.at(SETTLED.attachment));
        break;
      case TO_MAIN.event: {
        const event = readEvent(cursor);
        if (event !== undefined) handler.event(cursor.at(EVENT.sender), event);
        break;
      }
      case TO_MAIN.whoIs:
        readWhoIs(cursor, handler);
        break;
      case TO_MAIN.acknowledged:
        handler.acknowledged(cursor.at(ACKNOWLEDGED.bytes));
        break;
      case TO_MAIN.flushed:
        handler.flushed(cursor.at(FLUSHED.flushId), cursor.at(FLUSHED.waiting), cursor.at(FLUSHED.storing) === 1);
        break;
      case TO_MAIN.storeFailed:
        readStoreFailed(cursor, handler);
        break;
      case TO_MAIN.limited:
        readLimited(cursor, handler);
        break;
      default:
        kind satisfies never;
        cursor.fail();
    }
  }
  return !cursor.broken;
}

function readAttached(cursor: BatchCursor, handler: ToMainHandler): void {
  const as = ATTACHED_AS[cursor.at(ATTACHED.as)];
  if (as === undefined) cursor.fail();
  else handler.attached(cursor.at(ATTACHED.attachment), as, cursor.at(ATTACHED.waitingMessages));
}

function readDelivered(cursor: BatchCursor, handler: ToMainHandler): void {
  const count = cursor.at(DELIVERED.frames);
  const length = cursor.at(DELIVERED.bytes);
  const headersAt = (cursor.word + DELIVERED.headers) << 2;
  const headersLength = count * FRAME_HEADER_WORDS * 4;
  const bytesAt = headersAt + headersLength;
  if (count < 1 || !cursor.holds(headersAt, headersLength) || !cursor.holds(bytesAt, length)) {
    cursor.fail();
    return;
  }
  handler.delivered(cursor.at(DELIVERED.attachment), {
    headers: new Int32Array(cursor.bytes.buffer, headersAt, count * FRAME_HEADER_WORDS),
    bytes: new Uint8Array(cursor.bytes.buffer, bytesAt, length),
    count,
  });
}

function readStoreFailed(cursor: BatchCursor, handler: ToMainHandler): void {
  const failure = STORE_FAILURES[cursor.at(STORE_FAILED.failure)];
  const message = readText(cursor, STORE_FAILED.message);
  if (failure === undefined || message === undefined) cursor.fail();
  else handler.storeFailed(failure, Buffer.from(message).toString());
}

function readLimited(cursor: BatchCursor, handler: ToMainHandler): void {
  const limit = LIMITS[cursor.at(LIMITED.limit)];
  const name = readText(cursor, LIMITED.name);
  if (limit === undefined || name === undefined) cursor.fail();
  else handler.limited(limit, name);
}

function readWhoIs(cursor: BatchCursor, handler: ToMainHandler): void {
  const state = NAME_STATES[cursor.at(WHO_IS.state)];
  const name = readText(cursor, WHO_IS.name);
  if (state === undefined || name === undefined) {
    cursor.fail();
    return;
  }
  const whoIs = { state, awaySeconds: cursor.at(WHO_IS.awaySeconds), waiting: cursor.at(WHO_IS.waiting) };
  handler.whoIs(cursor.at(WHO_IS.asker), name, whoIs);
}
