/** Reads the records from a shard to the main thread. */
import { BatchCursor, type Post } from './batch.ts';
import { readEvent, type ShardEvent } from './events.ts';
import { DeliveredFrames } from './frames/delivered-frames.ts';
import type { FrameGatherer } from './frames/frame-gatherer.ts';
import { bodyOffsetOf, FRAME_BODY, FRAME_HEADER_WORDS, FRAME_LENGTH, type Frames } from './frames/frames.ts';
import { readText } from './record-text.ts';
import type { AttachedAs, AttachmentNumber, DroppedState, Limit, StoreFailure, ToMainKind, WhoIs } from './records.ts';
import * as records from './records.ts';

const { ACKNOWLEDGED, ATTACHED, DELIVERED, EVENT, EXPIRED, FLUSHED, LIMITED, PLACE_WORDS } = records;
const { RELEASED, SETTLED, STORE_FAILED, TAKEN_OVER, TO_MAIN, WHO_IS } = records;
const { ATTACHED_AS, DROPPED_STATES, LIMITS, NAME_STATES, STORE_FAILURES } = records;

/** The handler of the records to the main thread. */
export interface ToMainHandler {
  /**
   * An attachment has a standing. This comes again when the standing changes, and from the next life of the shard.
   * @param waitingMessages how many messages will be delivered to a holder before any newer one
   * @param last the number of the last frame of the name that does not wait; 0 if it is no holder
   */
  attached(attachment: AttachmentNumber, as: AttachedAs, waitingMessages: number, last: number): void;
  /** Frames for a writer. What is kept after this call must be copied. */
  delivered(attachment: AttachmentNumber, delivered: DeliveredFrames): void;
  /** A buffer to the shard may be filled again. @returns false if there is no such buffer */
  released(buffer: number): boolean;
  /** The attachment has ended, and all its frames are accounted for. Its number may be used again. */
  settled(attachment: AttachmentNumber): void;
  /** Another peer has proved that the name of the attachment is its own, and waits until it ends. May come again. */
  takenOver(attachment: AttachmentNumber): void;
  /** Something became of messages that the session `sender` has sent (events.ts). */
  event(sender: AttachmentNumber, event: ShardEvent): void;
  /** Answers the question of the session `asker` about a name. @param question its number */
  whoIs(asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs, question: number): void;
  /**
   * A message to `name` was dropped before it was done with, and its sender wishes to be told.
   * @param frame to the beginning of its body
   * @param state why
   */
  expired(name: Uint8Array, frame: Frames, state: DroppedState): void;
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
      case TO_MAIN.takenOver:
        handler.takenOver(cursor.at(TAKEN_OVER.attachment));
        break;
      case TO_MAIN.event: {
        const event = readEvent(cursor);
        if (event !== undefined) handler.event(cursor.at(EVENT.sender), event);
        break;
      }
      case TO_MAIN.whoIs:
        readWhoIs(cursor, handler);
        break;
      case TO_MAIN.expired:
        readExpired(cursor, handler);
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
  if (as === undefined) {
    cursor.fail();
    return;
  }
  const last = cursor.at(ATTACHED.lastHigh) * 2 ** 32 + (cursor.at(ATTACHED.lastLow) >>> 0);
  handler.attached(cursor.at(ATTACHED.attachment), as, cursor.at(ATTACHED.waitingMessages), last);
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
  handler.whoIs(cursor.at(WHO_IS.asker), name, whoIs, cursor.at(WHO_IS.question));
}

function readExpired(cursor: BatchCursor, handler: ToMainHandler): void {
  const text = readText(cursor, EXPIRED.text);
  const nameLength = cursor.at(EXPIRED.nameLength);
  const body = cursor.at(EXPIRED.body);
  const headLength = (text?.length ?? 0) - nameLength;
  const state = DROPPED_STATES[cursor.at(EXPIRED.state)];
  if (text === undefined || state === undefined || nameLength < 0 || bodyOffsetOf(body) > headLength) {
    cursor.fail();
    return;
  }
  const headers = new Int32Array(FRAME_HEADER_WORDS);
  headers[FRAME_LENGTH] = headLength;
  headers[FRAME_BODY] = body;
  handler.expired(text.subarray(0, nameLength), { headers, bytes: text.subarray(nameLength), count: 1 }, state);
}
