/**
 * The records that cross a data port: the number of each kind, and the place of each word. The functions that put a
 * record and those that read it share these names, so this file alone has the layouts.
 *
 * - A place counts words of 4 bytes from the first word of the record.
 * - `end` is the number of words of a record that has nothing after them.
 * - A name, or another text, is a word with its length in bytes, and the bytes after that word (record-text.ts).
 * - A word that stands for one of several values is the index of that value in a list (ATTACHED_AS, for example).
 * - The number of a frame is 0 where there is no such frame (frames.ts, FRAME_NUMBER).
 * - Counts of frames and bytes are sums since the attachment began, modulo 2^32 (serial-arithmetic.ts). So it
 *   does no harm to send one twice.
 *
 * V8 compiles a property of such an object to a constant only where the object is a `const` of the same file. So a file
 * that puts or reads records imports this file as a namespace, and takes its constants from that.
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

/** The largest number in a word. */
export const MAX_WORD = 2 ** 31 - 1;

/** The header of every record: its kind, and its whole size in bytes. */
export const RECORD = { kind: 0, size: 1, words: 2 } as const;

/** The kinds of records from the main thread to a shard. */
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
  rejected: 10,
} as const;
export type ToShardKind = (typeof TO_SHARD)[keyof typeof TO_SHARD];

/** A session attaches to a name. It is sent again, with its progress, to the next life of the shard. */
export const ATTACH = {
  attachment: 2,
  sendOnly: 3,
  handedFrames: 4,
  handedBytes: 5,
  handedNumber: 6,
  writtenFrames: 7,
  writtenBytes: 8,
  writtenNumber: 9,
  windowFrames: 10,
  proven: 11,
  name: 12,
} as const;

/**
 * Names that later messages of the same batch refer to: the text that the names are in, and after it one LIST_NAME
 * each.
 */
export const LIST = { names: 2, text: 3 } as const;
/** A name of a list: its first byte in the text, and its length. */
export const LIST_NAME = { start: 0, length: 1, words: 2 } as const;

/**
 * A message to the names of a list, or to one name, which comes after the bytes of the frame. Its id is 0 if its sender
 * need not be told its outcome.
 */
export const MESSAGE = {
  sender: 2,
  list: 3,
  frameLength: 4,
  body: 5,
  messageId: 6,
  nameLength: 7,
  frame: 8,
} as const;

/** What a writer has written so far. */
export const WRITTEN = { attachment: 2, frames: 3, bytes: 4, number: 5, end: 6 } as const;

/**
 * Mail that a writer returns, with what it has written. After the name there is one RETURN_RUN for each run of frames.
 */
export const RETURN = {
  attachment: 2,
  last: 3,
  writtenFrames: 4,
  writtenBytes: 5,
  writtenNumber: 6,
  runs: 7,
  name: 8,
} as const;
/** A run of a return: the number of its buffer among those that move with the batch, its frames and their bytes. */
export const RETURN_RUN = { buffer: 0, frames: 1, bytes: 2, words: 3 } as const;

/** Stands for no number of a question: a plain peer asks, which is told the name with the answer. */
export const NO_QUESTION = 0;

/** A frame was rejected by its program. It counts as written, and its record in the store is deleted. */
export const REJECTED = { attachment: 2, number: 3, end: 4 } as const;

/** Asks about a name. The answer has the number of the question too. */
export const ASK_WHO = { asker: 2, question: 3, name: 4 } as const;

/** Asks for an answer once all earlier records have been processed. */
export const FLUSH = { flushId: 2, end: 3 } as const;

/** No further record follows. The shard must end when every frame is accounted for. */
export const DRAIN = { end: 2 } as const;

/** The shard knows all that it must know before it delivers anything. */
export const BEGIN = { end: 2 } as const;

/** The kinds of records from a shard to the main thread. */
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
  deliveredInPlace: 10,
  released: 11,
  expired: 12,
  takenOver: 13,
} as const;
export type ToMainKind = (typeof TO_MAIN)[keyof typeof TO_MAIN];

/**
 * The standing of an attachment: the holder, which receives; one that waits until the name is free; one that can only
 * send; one that is refused, because too many wait already.
 */
export const ATTACHED_AS = ['receiving', 'waiting', 'send-only', 'refused'] as const;
export type AttachedAs = (typeof ATTACHED_AS)[number];
/** The standing of a session: that of its attachment, or how far it is from having one. */
export type Standing = 'unnamed' | 'authenticating' | 'asked' | AttachedAs;

/**
 * The standing of an attachment, how many messages wait for it, and the full number of the last frame that does not
 * wait, in two words.
 */
export const ATTACHED = { attachment: 2, as: 3, waitingMessages: 4, lastHigh: 5, lastLow: 6, end: 7 } as const;

/** A delivery to a writer: the number of frames and of their bytes, then the headers, and after those the bytes. */
export const DELIVERED = { attachment: 2, frames: 3, bytes: 4, headers: 5 } as const;

/**
 * A delivery of frames that stay where the main thread has put them has, after the headers, one place a frame instead
 * of the bytes: the first byte of the frame in the arena.
 */
export const PLACE_WORDS = 1;

/** No frame of a buffer to the shard will be delivered any more. */
export const RELEASED = { buffer: 2, end: 3 } as const;

/** An attachment has ended, and all its frames are accounted for. */
export const SETTLED = { attachment: 2, end: 3 } as const;

/** Another peer has proved that the name of an attachment is its own: the attachment must end. */
export const TAKEN_OVER = { attachment: 2, end: 3 } as const;

/** What became of messages, for the peer that sent them (events.ts). */
export const EVENT = { sender: 2, class: 3, kind: 4, more: 5, messageId: 6, duplicate: 7, name: 8 } as const;

/** The states of a name. */
export const NAME_STATES = ['here', 'away', 'unknown'] as const;

/** The answer of a shard to a question about a name. */
export interface WhoIs {
  readonly state: (typeof NAME_STATES)[number];
  /** How long the name has been away, in seconds. */
  readonly awaySeconds: number;
  /** How many messages wait for it. */
  readonly waiting: number;
}

/** The answer to ASK_WHO, for the session that asked. */
export const WHO_IS = { asker: 2, question: 3, state: 4, awaySeconds: 5, waiting: 6, name: 7 } as const;

/**
 * A message was dropped before it was done with, and its sender wishes to be told. The text is the name of the
 * recipient, and the frame to the beginning of its body.
 */
export const EXPIRED = { body: 2, nameLength: 3, state: 4, text: 5 } as const;
/** Why: its time was over, or an operator has purged it. */
export const DROPPED_STATES = ['expired', 'purged'] as const;
export type DroppedState = (typeof DROPPED_STATES)[number];

/**
 * Acknowledges posts: the weight that the shard has processed since its last acknowledgement. It answers each post, if
 * only with 0.
 */
export const ACKNOWLEDGED = { bytes: 2, end: 3 } as const;

/** The answer to a flush: how many messages wait for connected peers, and whether requests to the store are open. */
export const FLUSHED = { flushId: 2, waiting: 3, storing: 4, end: 5 } as const;

/**
 * How a store can fail: it cannot be read now; it cannot be written now, for any other reason than room; there is no
 * room; its contents are damaged; its folder is gone; mail that was counted is missing.
 */
export const STORE_FAILURES = ['read', 'write', 'no room', 'damaged', 'gone', 'missing'] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

/** The store has failed: the failure, and its message. */
export const STORE_FAILED = { failure: 2, message: 3 } as const;

/** The limits that a shard can reach, as the names of their settings. */
export const LIMITS = ['MAILBOX_MAX_MESSAGES', 'MAILBOX_MAX_BYTES', 'HELD_MAX_BYTES', 'MAX_NAMES'] as const;
export type Limit = (typeof LIMITS)[number];

/** A limit is reached. The name is that of the mailbox; it is empty if the limit is not of one mailbox. */
export const LIMITED = { limit: 2, name: 3 } as const;
