/**
 * What a shard tells the main thread. Verbs are in the past tense: the decision has been made.
 *
 * | record | words after the header |
 * | --- | --- |
 * | attached | attachment, as what, messages that wait for it |
 * | delivered | attachment, frames, bytes; the frames' headers; the frames |
 * | settled | attachment |
 * | noticed | the sender's attachment, kind of notice, how many more (0: it is news), name length; name |
 * | who is | attachment of who asked, state, seconds it has been away, messages that wait, name length; name |
 * | worked | bytes of batches worked off since the last word of it; 0 where a post is only answered |
 * | flushed | token, messages that wait for peers that are here, whether the store is at work |
 * | store failed | how, length; what it said |
 * | limited | which limit, name length; the name whose mailbox it is, if it is one's |
 */
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
const LIMITED = 8;
const WHO_IS = 9;

/** News of a destination; and afterwards how many more messages it was so for: 0 while it is news. */
export type NewsKind = 'held' | 'unknown' | 'full' | 'unstored';

/** The limits a shard says that it has reached, by the number that stands for each in a record: the settings' names. */
const LIMITS = ['MAILBOX_MAX_MESSAGES', 'MAILBOX_MAX_BYTES', 'HELD_MAX_BYTES', 'MAX_NAMES'] as const;
export type Limit = (typeof LIMITS)[number];

/**
 * How a store can fail, by the number that stands for each in a record: mail cannot be read now, or written now, for
 * one reason or another; what is there is damaged; its folder is gone; mail that was counted is not there.
 */
const STORE_FAILURES = ['read', 'write', 'no room', 'damaged', 'gone', 'missing'] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

const MAX_MESSAGE_CHARS = 1_000;

/**
 * What an attachment is to its name, by the number that stands for each in a record: the holder, which receives; one
 * that waits until the name is free; one that can only send; or none, because too many wait already.
 */
const ATTACHED_AS = ['receiving', 'waiting', 'send-only', 'refused'] as const;
export type AttachedAs = (typeof ATTACHED_AS)[number];
/** What a session is to its name: what its shard has said, or how far it is from an answer. */
export type Standing = 'unnamed' | 'authenticating' | 'asked' | AttachedAs;

/** The notices a shard may ask for, by the number that stands for each in a record. */
const SHARD_NOTICES = ['held', 'unknown', 'full', 'unstored', 'others'] as const satisfies readonly (
  | NewsKind
  | 'others'
)[];
export type ShardNotice = (typeof SHARD_NOTICES)[number];

export function putAttached(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  as: AttachedAs,
  waitingMessages: number,
): void {
  const at = batch.begin(ATTACHED, (RECORD_WORDS + 3) * 4);
  batch.words[at + 2] = attachment;
  batch.words[at + 3] = ATTACHED_AS.indexOf(as);
  batch.words[at + 4] = Math.min(waitingMessages, MAX_WORD);
}

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

export function putLimited(batch: BatchBuilder, limit: Limit, name: Uint8Array): void {
  const at = batch.begin(LIMITED, (RECORD_WORDS + 2) * 4 + name.length);
  batch.words[at + 2] = LIMITS.indexOf(limit);
  batch.words[at + 3] = name.length;
  batch.bytes.set(name, (at + 4) << 2);
}

/** Who works off what a shard tells the main thread. */
export interface ToMainHandler {
  /**
   * Said again when something has changed: one that waited has the name now, or a new life of the shard knows it.
   * @param waitingMessages what waits for a receiving attachment, and will be delivered before anything newer
   */
  attached(attachment: AttachmentNumber, as: AttachedAs, waitingMessages: number): void;
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
  /**
   * Its store cannot be read or written; after 'write' and 'no room' it writes nothing until it is told that it can.
   */
  storeFailed(failure: StoreFailure, message: string): void;
  /**
   * A limit is reached, of the mailbox of `name` or, where that is empty, of all: said at most once a minute for each.
   */
  limited(limit: Limit, name: Uint8Array): void;
}

type ToMainKind =
  | typeof ATTACHED
  | typeof DELIVERED
  | typeof SETTLED
  | typeof NOTICED
  | typeof WORKED
  | typeof FLUSHED
  | typeof STORE_FAILED
  | typeof LIMITED
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
        readAttached(cursor, handler);
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
      case LIMITED:
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
  const as = ATTACHED_AS[cursor.at(3)];
  if (as === undefined) cursor.fail();
  else handler.attached(cursor.at(2), as, cursor.at(4));
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

function readLimited(cursor: BatchCursor, handler: ToMainHandler): void {
  const limit = LIMITS[cursor.at(2)];
  const nameAt = (cursor.word + 4) << 2;
  const nameLength = cursor.at(3);
  if (limit === undefined || !cursor.holds(nameAt, nameLength)) {
    cursor.fail();
    return;
  }
  handler.limited(limit, cursor.bytes.slice(nameAt, nameAt + nameLength));
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
