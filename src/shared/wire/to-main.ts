/** Puts the records from a shard to the main thread. Verbs are in the past tense, because the shard has decided. */
import type { BatchBuilder } from './batch.ts';
import { bodyOffsetOf, FRAME_HEADER_WORDS } from './frames/frames.ts';
import { bodyStartOf } from './frames/message-head.ts';
import { beginWithText } from './record-text.ts';
import type { AttachedAs, AttachmentNumber, DroppedState, Limit, StoreFailure, ToMainKind, WhoIs } from './records.ts';
import * as records from './records.ts';

const { ACKNOWLEDGED, ATTACHED, DELIVERED, EXPIRED, FLUSHED, LIMITED, PLACE_WORDS } = records;
const { RELEASED, SETTLED, STORE_FAILED, TAKEN_OVER, TO_MAIN, WHO_IS } = records;
const { ATTACHED_AS, DROPPED_STATES, LIMITS, MAX_WORD, NAME_STATES, STORE_FAILURES } = records;
const MAX_MESSAGE_CHARS = 1_000;

/**
 * Answers an attach.
 * @param waitingMessages what will be delivered before any newer message
 * @param last the number of the last frame of the name that does not wait
 */
export function putAttached(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  as: AttachedAs,
  waitingMessages: number,
  last = 0,
): void {
  const at = batch.begin(TO_MAIN.attached, ATTACHED.end * 4);
  batch.words[at + ATTACHED.attachment] = attachment;
  batch.words[at + ATTACHED.as] = ATTACHED_AS.indexOf(as);
  batch.words[at + ATTACHED.waitingMessages] = Math.min(waitingMessages, MAX_WORD);
  batch.words[at + ATTACHED.lastHigh] = Math.floor(last / 2 ** 32);
  batch.words[at + ATTACHED.lastLow] = last | 0;
}

/** Answers a question about a name. @param question its number */
export function putWhoIs(
  batch: BatchBuilder,
  asker: AttachmentNumber,
  name: Uint8Array,
  whoIs: WhoIs,
  question: number,
): void {
  const at = beginWithText(batch, TO_MAIN.whoIs, WHO_IS.name, name);
  batch.words[at + WHO_IS.asker] = asker;
  batch.words[at + WHO_IS.question] = question;
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

/** Another peer has proved that the name of an attachment is its own. */
export function putTakenOver(batch: BatchBuilder, attachment: AttachmentNumber): void {
  const at = batch.begin(TO_MAIN.takenOver, TAKEN_OVER.end * 4);
  batch.words[at + TAKEN_OVER.attachment] = attachment;
}

/**
 * Reports that a message was dropped before it was done with.
 * @param name that it was for
 * @param body the word FRAME_BODY of its header
 * @param state what its sender is told
 */
export function putExpired(
  batch: BatchBuilder,
  name: Uint8Array,
  frame: Uint8Array,
  body: number,
  state: DroppedState = 'expired',
): void {
  const head = frame.subarray(0, bodyStartOf(frame, bodyOffsetOf(body), frame.length));
  const at = beginWithText(batch, TO_MAIN.expired, EXPIRED.text, Buffer.concat([name, head]));
  batch.words[at + EXPIRED.body] = body;
  batch.words[at + EXPIRED.nameLength] = name.length;
  batch.words[at + EXPIRED.state] = DROPPED_STATES.indexOf(state);
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
