/**
 * Encodes and decodes the records from a shard to the main thread. Verbs are in the past tense, because the shard has
 * decided.
 */
import { type BatchBuilder, BatchCursor, type Post } from './batch.ts';
import { readEvent, type ShardEvent } from './events.ts';
import { DeliveredFrames } from './frames/delivered-frames.ts';
import type { FrameGatherer } from './frames/frame-gatherer.ts';
import { FRAME_HEADER_WORDS } from './frames/frames.ts';
import { beginWithText, readText } from './record-text.ts';
import type { AttachedAs, AttachmentNumber, Limit, StoreFailure, ToMainKind, WhoIs } from './records.ts';
import * as records from './records.ts';

const { ACKNOWLEDGED, ATTACHED, DELIVERED, EVENT, FLUSHED, LIMITED, PLACE_WORDS } = records;
const { RELEASED, SETTLED, STORE_FAILED, TO_MAIN, WHO_IS } = records;
const { ATTACHED_AS, LIMITS, MAX_WORD, NAME_STATES, STORE_FAILURES } = records;
const MAX_MESSAGE_CHARS = 1_000;

/** Answers an attach. @param waitingMessages what will be delivered before any newer message */
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

/** Answers a question about a name. */
export function putWhoIs(batch: BatchBuilder, asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void {
  const at = beginWithText(batch, TO_MAIN.whoIs, WHO_IS.name, name);
  batch.words[at + WHO_IS.asker] = asker;
  batch.words[at + WHO_IS.state] = NAME_STATES.indexOf(whoIs.state);
  batch.words[at + WHO_IS.awaySeconds] = Math.max(0, Math.min(whoIs.awaySeconds, MAX_WORD));
  batch.words[at + WHO_IS.waiting] = Math.min(whoIs.waiting, MAX_WORD);
}

/** @returns the size in bytes of a delivery of `count` frames with `length` bytes in all */
export function deliveredSize(count: number, length: number): number {
  return (DELIVERED.headers + count * FRAME_HEADER_WORDS) * 4 + length;
}

/**
 * Begins a delivery of `count` frames with `length` bytes in all. The caller must fill in the headers and the frames at
 * once.
 * @returns the index of the first word of the first header; the bytes of the frames come after the headers
 */
export function beginDelivered(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  count: number,
  length: number,
): number {
  return beginFrames(batch, TO_MAIN.delivered, deliveredSize(count, length), attachment, count, length);
}

/** @returns the size in bytes of a delivery of `count` frames in place */
export function deliveredInPlaceSize(count: number): number {
  return (DELIVERED.headers + count * (FRAME_HEADER_WORDS + PLACE_WORDS)) * 4;
}

/**
 * As `beginDelivered`, for frames that stay in buffers to the shard. After the headers comes the place of each frame.
 * These buffers are released by `putReleased`, after the delivery.
 */
export function beginDeliveredInPlace(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  count: number,
  length: number,
): number {
  return beginFrames(batch, TO_MAIN.deliveredInPlace, deliveredInPlaceSize(count), attachment, count, length);
}

function beginFrames(
  batch: BatchBuilder,
  kind: ToMainKind,
  size: number,
  attachment: AttachmentNumber,
  count: number,
  length: number,
): number {
  const at = batch.begin(kind, size);
  batch.words[at + DELIVERED.attachment] = attachment;
  batch.words[at + DELIVERED.frames] = count;
  batch.words[at + DELIVERED.bytes] = length;
  return at + DELIVERED.headers;
}

/** Releases a buffer to the shard: all deliveries of frames in it were put before. */
export function putReleased(batch: BatchBuilder, buffer: number): void {
  const at = batch.begin(TO_MAIN.released, RELEASED.end * 4);
  batch.words[at + RELEASED.buffer] = buffer;
}

/** An attachment has ended, and all its frames are accounted for. */
export function putSettled(batch: BatchBuilder, attachment: AttachmentNumber): void {
  const at = batch.begin(TO_MAIN.settled, SETTLED.end * 4);
  batch.words[at + SETTLED.attachment] = attachment;
}

/** Acknowledges posts. @param bytes the weight that was processed since the last acknowledgement */
export function putAcknowledged(batch: BatchBuilder, bytes: number): void {
  const at = batch.begin(TO_MAIN.acknowledged, ACKNOWLEDGED.end * 4);
  batch.words[at + ACKNOWLEDGED.bytes] = bytes;
}

/** Answers a flush. @param storing whether requests to the store are open */
export function putFlushed(batch: BatchBuilder, flushId: number, waiting: number, storing: boolean): void {
  const at = batch.begin(TO_MAIN.flushed, FLUSHED.end * 4);
  batch.words[at + FLUSHED.flushId] = flushId;
  batch.words[at + FLUSHED.waiting] = waiting;
  batch.words[at + FLUSHED.storing] = storing ? 1 : 0;
}

/** Reports a failure of the store. @param message is cut to a thousand characters */
export function putStoreFailed(batch: BatchBuilder, failure: StoreFailure, message: string): void {
  const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARS));
  const at = beginWithText(batch, TO_MAIN.storeFailed, STORE_FAILED.message, text);
  batch.words[at + STORE_FAILED.failure] = STORE_FAILURES.indexOf(failure);
}

/** Reports that a limit is reached. @param name of the mailbox; empty if it is no limit of one mailbox */
export function putLimited(batch: BatchBuilder, limit: Limit, name: Uint8Array): void {
  const at = beginWithText(batch, TO_MAIN.limited, LIMITED.name, name);
  batch.words[at + LIMITED.limit] = LIMITS.indexOf(limit);
}

/** The handler of the records to the main thread. */
export interface ToMainHandler {
  /**
   * An attachment has a standing. This comes again when the standing changes, and from the next life of the shard.
   * @param waitingMessages how many messages will be delivered to a holder before any newer one
   */
  attached(attachment: AttachmentNumber, as: AttachedAs, waitingMessages: number): void;
  /** Frames for a writer. What is kept after this call must be copied. */
  delivered(attachment: AttachmentNumber, delivered: DeliveredFrames): void;
  /** A buffer to the shard may be filled again. @returns false if there is no such buffer */
  released(buffer: number): boolean;
  /** The attachment has ended, and all its frames are accounted for. Its number may be used again. */
  settled(attachment: AttachmentNumber): void;
  /** Something became of messages that the session `sender` has sent (events.ts). */
  event(sender: AttachmentNumber, event: ShardEvent): void;
  /** Answers the question of the session `asker` about a name. */
  whoIs(asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void;
  /** The shard has processed posts of a weight of `bytes`. It answers each post with one of these, if only with 0. */
  acknowledged(bytes: number): void;
  /**
   * A flush was answered: `waiting` messages are in mailboxes of connected peers, and `storing` tells whether requests
   * to the store are open.
   */
  flushed(flushId: number, waiting: number, storing: boolean): void;
  /** The store has failed. After `write` and `no room` the shard writes nothing until its store is resumed. */
  storeFailed(failure: StoreFailure, message: string): void;
  /**
   * A limit is reached: of the mailbox of `name`, or of no single mailbox if that is empty. Reported at most once a
   * minute each.
   */
  limited(limit: Limit, name: Uint8Array): void;
}

/**
 * Passes each record of a post to `handler`.
 * @param gatherer for deliveries in place; without it they count as broken
 * @returns false if a record is broken; those before it have been handled, and the rest is ignored
 */
export function readToMain(post: Post, handler: ToMainHandler, gatherer?: FrameGatherer): boolean {
  const cursor = new BatchCursor(post);
  const delivered = new DeliveredFrames();
  while (cursor.next()) {
    const kind = cursor.kind as ToMainKind;
    switch (kind) {
      case TO_MAIN.delivered:
        readDelivered(cursor, handler, delivered);
        break;
      case TO_MAIN.deliveredInPlace:
        readDeliveredInPlace(cursor, handler, delivered, gatherer);
        break;
      case TO_MAIN.released:
        readReleased(cursor, handler);
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

function readDelivered(cursor: BatchCursor, handler: ToMainHandler, delivered: DeliveredFrames): void {
  const { memory } = cursor;
  const count = cursor.at(DELIVERED.frames);
  const length = cursor.at(DELIVERED.bytes);
  const firstHeader = cursor.word + DELIVERED.headers;
  const headersAt = firstHeader << 2;
  const headersLength = count * FRAME_HEADER_WORDS * 4;
  const bytesAt = headersAt + headersLength;
  if (count < 1 || !cursor.holds(headersAt, headersLength) || !cursor.holds(bytesAt, length)) {
    cursor.fail();
    return;
  }
  delivered.set(memory, firstHeader, count, memory, bytesAt, length);
  handler.delivered(cursor.at(DELIVERED.attachment), delivered);
}

function readDeliveredInPlace(
  cursor: BatchCursor,
  handler: ToMainHandler,
  delivered: DeliveredFrames,
  gatherer?: FrameGatherer,
): void {
  const { memory } = cursor;
  const count = cursor.at(DELIVERED.frames);
  const length = cursor.at(DELIVERED.bytes);
  const firstHeader = cursor.word + DELIVERED.headers;
  const headersAt = firstHeader << 2;
  const headerWords = count * FRAME_HEADER_WORDS;
  const placesAt = headersAt + headerWords * 4;
  if (count < 1 || !cursor.holds(headersAt, headerWords * 4) || !cursor.holds(placesAt, count * PLACE_WORDS * 4)) {
    cursor.fail();
    return;
  }
  const headers = new Int32Array(memory.buffer, headersAt, headerWords);
  const places = new Int32Array(memory.buffer, placesAt, count);
  const gathered = gatherer?.gather(headers, places, length);
  if (gathered === undefined) {
    cursor.fail();
    return;
  }
  delivered.set(memory, firstHeader, count, gathered.memory, gathered.at, length);
  handler.delivered(cursor.at(DELIVERED.attachment), delivered);
}

function readReleased(cursor: BatchCursor, handler: ToMainHandler): void {
  const isWhole = cursor.holds(cursor.word << 2, RELEASED.end * 4);
  if (!isWhole || !handler.released(cursor.at(RELEASED.buffer))) cursor.fail();
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
