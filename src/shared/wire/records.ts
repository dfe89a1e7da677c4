/**
 * The records that cross a data port: the number of each kind, and the place of each word. The functions that put a
 * record and those that read it share these names, so each layout stands here alone.
 *
 * - A place counts words of 4 bytes from the first word of the record.
 * - `end` is the number of words of a record that has nothing behind them.
 * - A name, or another text, is a word with its length in bytes, and the bytes behind that word (record-text.ts).
 * - A word that stands for one of several things is the index of that thing in a list (ATTACHED_AS, for example).
 * - The number of a frame is 0 where there is no such frame (frames.ts, FRAME_NUMBER).
 * - Counts of frames and bytes are sums since the attachment began, modulo 2^32 (serial-arithmetic.ts). So it
 *   does no harm to send one twice.
 *
 * V8 compiles a property of such an object to a constant where the object is a `const` of the same file, and not where
 * it is imported. So files that put and read records take them out of a namespace import first.
 */

/** The number of an attachment: one peer's time under one name. From 1 to 2^31 - 1. */
export type AttachmentNumber = number;

/** Delivery progress: what a writer was handed and has written since its attachment began. */
export interface Progress {
  readonly handedFrames: number;
  readonly handedBytes: number;
  /** The number of the last frame handed; 0 before the first. */
  readonly handedNumber: number;
  readonly writtenFrames: number;
  readonly writtenBytes: number;
  /** The number of the last frame written; 0 before the first. */
  readonly writtenNumber: number;
}

/** The largest number that a word can have. */
export const MAX_WORD = 2 ** 31 - 1;

/** What every record begins with: its kind, and its whole size in bytes. */
export const RECORD = { kind: 0, size: 1, words: 2 } as const;

/** What the main thread tells a shard. */
export const TO_SHARD = {
  attach: 1,
  message: 2,
  written: 3,
  return: 4,
  flush: 5,
  drain: 6,
  begin: 7,
  list: 8,
  askWho: 9,
} as const;
export type ToShardKind = (typeof TO_SHARD)[keyof typeof TO_SHARD];

/** A peer is there, under a name; also again, with its progress, for a new life of the shard. */
export const ATTACH = {
  attachment: 2,
  sendOnly: 3,
  handedFrames: 4,
  handedBytes: 5,
  handedNumber: 6,
  writtenFrames: 7,
  writtenBytes: 8,
  writtenNumber: 9,
  name: 10,
} as const;

/** Names that later messages of the same batch go to: the text that they stand in, and behind it a part for each. */
export const LIST = { names: 2, text: 3 } as const;
/** A name of a list: where it begins in the text, and its length. */
export const LIST_NAME = { start: 0, length: 1, words: 2 } as const;

/** A message for the names of a list; or for one name, which stands behind the bytes of the frame. */
export const MESSAGE = { sender: 2, list: 3, frameLength: 4, bodyOffset: 5, nameLength: 6, frame: 7 } as const;

/** What a writer has written by now. */
export const WRITTEN = { attachment: 2, frames: 3, bytes: 4, number: 5, end: 6 } as const;

/** Mail that a writer gives back, with what it has written; behind the name a part for each run of frames. */
export const RETURN = {
  attachment: 2,
  last: 3,
  writtenFrames: 4,
  writtenBytes: 5,
  writtenNumber: 6,
  runs: 7,
  name: 8,
} as const;
/** A run of a return: which of the buffers that move with the batch it is, its frames and their bytes. */
export const RETURN_RUN = { buffer: 0, frames: 1, bytes: 2, words: 3 } as const;

/** A question how a name stands. */
export const ASK_WHO = { asker: 2, name: 3 } as const;

/** A question whether all that was put before is worked off. */
export const FLUSH = { flushId: 2, end: 3 } as const;

/** No more comes: the shard is to end when all is accounted for. */
export const DRAIN = { end: 2 } as const;

/** All is said that a shard must know before it hands anything out. */
export const BEGIN = { end: 2 } as const;

/** What a shard tells the main thread. */
export const TO_MAIN = {
  attached: 1,
  delivered: 2,
  settled: 3,
  event: 4,
  acknowledged: 5,
  flushed: 6,
  storeFailed: 7,
  limited: 8,
  whoIs: 9,
} as const;
export type ToMainKind = (typeof TO_MAIN)[keyof typeof TO_MAIN];

/**
 * What an attachment is to its name: the holder, which receives; one that waits until the name is free; one that can
 * only send; or none, because too many wait already.
 */
export const ATTACHED_AS = ['receiving', 'waiting', 'send-only', 'refused'] as const;
export type AttachedAs = (typeof ATTACHED_AS)[number];
/** What a session is to its name: what its shard has said, or how far it is from an answer. */
export type Standing = 'unnamed' | 'authenticating' | 'asked' | AttachedAs;

/** What an attachment is to its name, and how many messages wait for it. */
export const ATTACHED = { attachment: 2, as: 3, waitingMessages: 4, end: 5 } as const;

/** Frames for a writer: how many, and of how many bytes; then their headers, and behind those their bytes. */
export const DELIVERED = { attachment: 2, frames: 3, bytes: 4, headers: 5 } as const;

/** All frames of an attachment that has ended are accounted for. */
export const SETTLED = { attachment: 2, end: 3 } as const;

/** What became of messages, for the peer that sent them (events.ts). */
export const EVENT = { sender: 2, class: 3, kind: 4, more: 5, messageId: 6, name: 7 } as const;

/** How a name can stand. */
export const NAME_STATES = ['here', 'away', 'unknown'] as const;

/** What a shard says of a name that somebody has asked about. */
export interface WhoIs {
  readonly state: (typeof NAME_STATES)[number];
  /** How long it has been away. */
  readonly awaySeconds: number;
  /** Messages that wait for it. */
  readonly waiting: number;
}

/** How a name stands, for one who has asked. */
export const WHO_IS = { asker: 2, state: 3, awaySeconds: 4, waiting: 5, name: 6 } as const;

/** Bytes of posts that the shard has worked off since it acknowledged the last; 0 where a post is only answered. */
export const ACKNOWLEDGED = { bytes: 2, end: 3 } as const;

/** The answer to a flush: messages that wait for peers that are here, and whether the store is at work. */
export const FLUSHED = { flushId: 2, waiting: 3, storing: 4, end: 5 } as const;

/**
 * How a store can fail: it cannot be read now; it cannot be written now, for whatever reason or for want of room; what
 * is in it is damaged; its folder is gone; mail that was counted is not in it.
 */
export const STORE_FAILURES = ['read', 'write', 'no room', 'damaged', 'gone', 'missing'] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

/** The store has failed: in which way, and what it said. */
export const STORE_FAILED = { failure: 2, message: 3 } as const;

/** The limits that a shard can reach, by the names of their settings. */
export const LIMITS = ['MAILBOX_MAX_MESSAGES', 'MAILBOX_MAX_BYTES', 'HELD_MAX_BYTES', 'MAX_NAMES'] as const;
export type Limit = (typeof LIMITS)[number];

/** A limit is reached: which one, and the name whose mailbox it is; no name where it is nobody's own. */
export const LIMITED = { limit: 2, name: 3 } as const;
