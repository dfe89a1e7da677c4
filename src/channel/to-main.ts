/**
 * What a shard tells the main thread. Verbs are in the past tense: the decision has been made.
 *
 * | record | words after the header |
 * | --- | --- |
 * | attached | attachment, receiving, messages that waited |
 * | delivered | attachment, frames, bytes; the frames' headers; the frames |
 * | settled | attachment |
 * | noticed | the sender's attachment, kind of notice, how many more (0: it is news), name length; name |
 * | who is | attachment of who asked, state, seconds it has been away, messages that wait, name length; name |
 * | worked | bytes of batches worked off since the last word of it; 0 where a post is only answered |
 * | flushed | token, messages that wait for peers that are here, whether the store is at work |
 * | store failed | how, length; what it said |
 */
import type { NewsKind } from '../notices.ts';
import { type BatchBuilder, BatchCursor, type Post, RECORD_WORDS } from './batch.ts';
import { FRAME_HEADER_WORDS, type Frames } from './frames.ts';
import type { AttachmentNumber } from './to-shard.ts';

const ATTACHED = 1;
const DELIVERED = 2;
const SETTLED = 3;
const NOTICED = 4;
const WORKED = 5;
const FLUSHED = 6;
const STORE_FAILED = 7;
const WHO_IS = 8;

/** How a store can fail, by the number that stands for each in a record. */
const STORE_FAILURES = ['read', 'write', 'no room'] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

const MAX_MESSAGE_CHARS = 1_000;

/** The notices a shard may ask for, by the number that stands for each in a record. */
const SHARD_NOTICES = ['held', 'unknown', 'full', 'unstored', 'others'] as const satisfies readonly (
  | NewsKind
  | 'others'
)[];
export type ShardNotice = (typeof SHARD_NOTICES)[number];

/** How a name can stand, by the number that stands for each in a record. */
const NAME_STATES = ['here', 'away', 'unknown'] as const;

/** What a shard says of a name that somebody has asked about. */
export interface WhoIs {
  readonly state: (typeof NAME_STATES)[number];
  /** How long it has been away. */
  readonly awaySeconds: number;
  /** Messages that wait for it. */
  readonly waiting: number;
}

const MAX_WORD = 2 ** 31 - 1;

export function putAttached(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  receiving: boolean,
  waited: number,
): void {
  const at = batch.begin(ATTACHED, (RECORD_WORDS + 3) * 4);
  batch.words[at + 2] = attachment;
  batch.words[at + 3] = receiving ? 1 : 0;
  batch.words[at + 4] = Math.min(waited, MAX_WORD);
}

export function putWhoIs(batch: BatchBuilder, asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void {
  const at = batch.begin(WHO_IS, (RECORD_WORDS + 5) * 4 + name.length);
  const { words } = batch;
  words[at + 2] = asker;
  words[at + 3] = NAME_STATES.indexOf(whoIs.state);
  words[at + 4] = Math.max(0, Math.min(whoIs.awaySeconds, MAX_WORD));
  words[at + 5] = Math.min(whoIs.waiting, MAX_WORD);
  words[at + 6] = name.length;
  batch.bytes.set(name, (at + 7) << 2);
}

/** The size of a delivery of `count` frames of `length` bytes in all. */
export function deliveredSize(count: number, length: number): number {
  return (RECORD_WORDS + 3 + count * FRAME_HEADER_WORDS) * 4 + length;
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
  const at = batch.begin(DELIVERED, deliveredSize(count, length));
  batch.words[at + 2] = attachment;
  batch.words[at + 3] = count;
  batch.words[at + 4] = length;
  return at + 5;
}

export function putSettled(batch: BatchBuilder, attachment: AttachmentNumber): void {
  const at = batch.begin(SETTLED, (RECORD_WORDS + 1) * 4);
  batch.words[at + 2] = attachment;
}

/** @param more how many more messages the news that was said before holds for; 0 where it is news */
export function putNoticed(
  batch: BatchBuilder,
  sender: AttachmentNumber,
  kind: ShardNotice,
  name: Uint8Array,
  more: number,
): void {
  const at = batch.begin(NOTICED, (RECORD_WORDS + 4) * 4 + name.length);
  batch.words[at + 2] = sender;
  batch.words[at + 3] = SHARD_NOTICES.indexOf(kind);
  batch.words[at + 4] = Math.min(more, MAX_WORD);
  batch.words[at + 5] = name.length;
  batch.bytes.set(name, (at + 6) << 2);
}

export function putWorked(batch: BatchBuilder, bytes: number): void {
  const at = batch.begin(WORKED, (RECORD_WORDS + 1) * 4);
  batch.words[at + 2] = bytes;
}

export function putFlushed(batch: BatchBuilder, token: number, waiting: number, storing: boolean): void {
  const at = batch.begin(FLUSHED, (RECORD_WORDS + 3) * 4);
  batch.words[at + 2] = token;
  batch.words[at + 3] = waiting;
  batch.words[at + 4] = storing ? 1 : 0;
}

export function putStoreFailed(batch: BatchBuilder, failure: StoreFailure, message: string): void {
  const text = Buffer.from(message.slice(0, MAX_MESSAGE_CHARS));
  const at = batch.begin(STORE_FAILED, (RECORD_WORDS + 2) * 4 + text.length);
  batch.words[at + 2] = STORE_FAILURES.indexOf(failure);
  batch.words[at + 3] = text.length;
  batch.bytes.set(text, (at + 4) << 2);
}

/** Who works off what a shard tells the main thread. */
export interface ToMainHandler {
  /** @param waited messages that wait for the name, of which nothing has been delivered to this attachment yet */
  attached(attachment: AttachmentNumber, receiving: boolean, waited: number): void;
  /** The frames are views of the batch: what is kept beyond this call must be copied out. */
  delivered(attachment: AttachmentNumber, frames: Frames): void;
  settled(attachment: AttachmentNumber): void;
  noticed(sender: AttachmentNumber, kind: ShardNotice, name: Uint8Array, more: number): void;
  whoIs(asker: AttachmentNumber, name: Uint8Array, whoIs: WhoIs): void;
  /** Every post is answered by one of these at least, though `bytes` may be 0. */
  worked(bytes: number): void;
  /**
   * @param waiting messages in the mailboxes of peers that are here
   * @param storing whether the store has not answered everything it was asked
   */
  flushed(token: number, waiting: number, storing: boolean): void;
  /** Its store cannot be read or written; after 'write' and 'no room' it writes nothing until it is told that it can. */
  storeFailed(failure: StoreFailure, message: string): void;
}

type ToMainKind =
  | typeof ATTACHED
  | typeof DELIVERED
  | typeof SETTLED
  | typeof NOTICED
  | typeof WORKED
  | typeof FLUSHED
  | typeof STORE_FAILED
  | typeof WHO_IS;

/**
 * Reads a post, record by record, into `handler`.
 * @returns false if the bytes stopped making sense; what came before has been handled, the rest is left
 */
export function readToMain(post: Post, handler: ToMainHandler): boolean {
  const cursor = new BatchCursor(post);
  while (cursor.next()) {
    const kind = cursor.kind as ToMainKind;
    switch (kind) {
      case DELIVERED:
        readDelivered(cursor, handler);
        break;
      case ATTACHED:
        handler.attached(cursor.at(2), cursor.at(3) === 1, cursor.at(4));
        break;
      case SETTLED:
        handler.settled(cursor.at(2));
        break;
      case NOTICED:
        readNoticed(cursor, handler);
        break;
      case WHO_IS:
        readWhoIs(cursor, handler);
        break;
      case WORKED:
        handler.worked(cursor.at(2));
        break;
      case FLUSHED:
        handler.flushed(cursor.at(2), cursor.at(3), cursor.at(4) === 1);
        break;
      case STORE_FAILED:
        readStoreFailed(cursor, handler);
        break;
      default:
        kind satisfies never;
        cursor.fail();
    }
  }
  return !cursor.broken;
}

function readDelivered(cursor: BatchCursor, handler: ToMainHandler): void {
  const count = cursor.at(3);
  const length = cursor.at(4);
  const headersAt = (cursor.word + 5) << 2;
  const headersLength = count * FRAME_HEADER_WORDS * 4;
  const bytesAt = headersAt + headersLength;
  if (count < 1 || !cursor.holds(headersAt, headersLength) || !cursor.holds(bytesAt, length)) {
    cursor.fail();
    return;
  }
  handler.delivered(cursor.at(2), {
    headers: new Int32Array(cursor.bytes.buffer, headersAt, count * FRAME_HEADER_WORDS),
    bytes: new Uint8Array(cursor.bytes.buffer, bytesAt, length),
    count,
  });
}

function readStoreFailed(cursor: BatchCursor, handler: ToMainHandler): void {
  const textAt = (cursor.word + 4) << 2;
  const length = cursor.at(3);
  const failure = STORE_FAILURES[cursor.at(2)];
  if (failure === undefined || !cursor.holds(textAt, length)) {
    cursor.fail();
    return;
  }
  handler.storeFailed(failure, Buffer.from(cursor.bytes.slice(textAt, textAt + length)).toString());
}

function readNoticed(cursor: BatchCursor, handler: ToMainHandler): void {
  const kind = SHARD_NOTICES[cursor.at(3)];
  const nameAt = (cursor.word + 6) << 2;
  const nameLength = cursor.at(5);
  if (kind === undefined || !cursor.holds(nameAt, nameLength)) {
    cursor.fail();
    return;
  }
  handler.noticed(cursor.at(2), kind, cursor.bytes.slice(nameAt, nameAt + nameLength), cursor.at(4));
}

function readWhoIs(cursor: BatchCursor, handler: ToMainHandler): void {
  const state = NAME_STATES[cursor.at(3)];
  const nameAt = (cursor.word + 7) << 2;
  const nameLength = cursor.at(6);
  if (state === undefined || !cursor.holds(nameAt, nameLength)) {
    cursor.fail();
    return;
  }
  const whoIs = { state, awaySeconds: cursor.at(4), waiting: cursor.at(5) };
  handler.whoIs(cursor.at(2), cursor.bytes.slice(nameAt, nameAt + nameLength), whoIs);
}
