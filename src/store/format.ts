/**
 * The layout of the store. Only this file knows the form of its keys and values:
 *
 * | key | value |
 * | --- | --- |
 * | `v` | the number of this format, as text |
 * | `s` | the state of the store, as text (state.ts) |
 * | `n` name | an index record: what is known of the name without reading its mail |
 * | `m` length of the name (2 bytes), name, number (8) | when it was held (4), FRAME_BODY of frames.ts (4), the frame |
 * | `d` length of the name (2 bytes), name, sender and id | when a message with this id was held for the name (4) |
 *
 * All numbers are big-endian, so the mail of a name is one contiguous range of keys, in the order of its numbers.
 */
import { isUtf8 } from 'node:buffer';
import { copyTextOf } from '../shared/memory/memory.ts';
import { bodyOffsetOf, EXPIRES, FROM_PROGRAM, KNOWN_BITS } from '../shared/wire/frames/frames.ts';
import { expiryOf, NEVER } from '../shared/wire/frames/message-head.ts';
import { storableSeconds } from './clock.ts';

/** The format that this version writes. */
export const FORMAT = 3;
/**
 * The oldest format that it reads as well. Format 1 has no kinds of frames in the word of the body. Format 2 has no
 * messages that expire, and index records without `firstExpiry`.
 */
export const OLDEST_FORMAT = 1;
export const FORMAT_KEY = Buffer.from('v');
/** An older broker ignores this key, so it did not need a new format. */
export const STATE_KEY = Buffer.from('s');

const NAME = 0x6e;
const MESSAGE = 0x6d;
/** An older broker ignores these keys, so they did not need a new format. */
const SEND = 0x64;
const SEND_BYTES = 4;
const MESSAGE_HEADER_BYTES = 8;
const INDEX_BYTES = 56;
/** The length before format 3. */
const SHORTER_INDEX_BYTES = 52;
const PRESENT = 1;
const LF = 10;
/** The range of all index records. */
export const NAMES_RANGE: KeyRange = { from: Buffer.from([NAME]), to: Buffer.from([NAME + 1]) };
/** The range of all messages. */
export const MESSAGES_RANGE: KeyRange = { from: Buffer.from([MESSAGE]), to: Buffer.from([MESSAGE + 1]) };

/** The range of all recent sends. */
export const SENDS_RANGE: KeyRange = { from: Buffer.from([SEND]), to: Buffer.from([SEND + 1]) };

/** The range of all keys. */
export const EVERYTHING: KeyRange = { from: Buffer.alloc(0), to: Buffer.alloc(64, 0xff) };

/** Keys from `from` to before `to`. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** A key with its value. */
export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** One operation of a batch of writes. */
export type StoreOp =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

/** What is known of a name without reading its mail. */
export interface IndexRecord {
  /**
   * Whether a session was attached when the record was written. If so, `count` and `bytes` may be out of date: mail
   * that is written to a peer is removed from the store without an update of the record.
   */
  readonly present: boolean;
  /** The number of the next frame of the name. */
  readonly next: number;
  /** The stored messages have numbers from `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly bytes: number;
  /** When its last session left, in seconds since 1970. */
  readonly awaySince: number;
  /** When the oldest of its stored messages was held, in seconds since 1970. */
  readonly oldest: number;
  /** None of its stored messages expires before this time, in seconds since 1970. */
  readonly firstExpiry: number;
}

/** A stored message: the frame, and the values of its header. */
export interface StoredMessage {
  readonly number: number;
  readonly heldAt: number;
  readonly body: number;
  readonly frame: Uint8Array;
  /** When it expires, in seconds since 1970; `Infinity` if it does not. */
  readonly expiry: number;
}

/** @returns the key of the index record of a name */
export function indexKey(name: Uint8Array): Uint8Array {
  const key = Buffer.allocUnsafe(1 + name.length);
  key[0] = NAME;
  key.set(name, 1);
  return key;
}

/** @returns the name in the key of an index record; undefined if the key is of another kind */
export function nameOfIndexKey(key: Uint8Array): Uint8Array | undefined {
  return key[0] === NAME ? Uint8Array.prototype.slice.call(key, 1) : undefined;
}

/** @returns an index record as the value of its key */
export function indexValue(record: IndexRecord): Uint8Array {
  const value = Buffer.allocUnsafe(INDEX_BYTES);
  value.writeUInt32BE(record.present ? PRESENT : 0, 0);
  value.writeUInt32BE(storableSeconds(record.awaySince), 4);
  value.writeUInt32BE(storableSeconds(record.oldest), 8);
  writeNumber(value, record.next, 12);
  writeNumber(value, record.from, 20);
  writeNumber(value, record.to, 28);
  writeNumber(value, record.count, 36);
  writeNumber(value, record.bytes, 44);
  value.writeUInt32BE(record.firstExpiry === NEVER ? 0 : storableSeconds(record.firstExpiry), 52);
  return value;
}

/** @returns undefined if the value is no index record */
export function readIndexValue(value: Uint8Array): IndexRecord | undefined {
  if (value.length !== INDEX_BYTES && value.length !== SHORTER_INDEX_BYTES) return undefined;
  const view = viewOf(value);
  const firstExpiry = value.length === INDEX_BYTES ? view.getUint32(52) : 0;
  const record = {
    present: (view.getUint32(0) & PRESENT) !== 0,
    awaySince: view.getUint32(4),
    oldest: view.getUint32(8),
    next: readNumber(view, 12),
    from: readNumber(view, 20),
    to: readNumber(view, 28),
    count: readNumber(view, 36),
    bytes: readNumber(view, 44),
    firstExpiry: firstExpiry === 0 ? NEVER : firstExpiry,
  };
  const { next, from, to, count, bytes } = record;
  const sound = next >= 1 && from <= to && to <= next && count <= to - from && Number.isSafeInteger(bytes);
  return sound && Number.isSafeInteger(next) ? record : undefined;
}

/** @returns the key of a message. @param number of its frame */
export function messageKey(name: Uint8Array, number: number): Uint8Array {
  const key = Buffer.allocUnsafe(3 + name.length + 8);
  key[0] = MESSAGE;
  key[1] = name.length >>> 8;
  key[2] = name.length & 0xff;
  key.set(name, 3);
  writeNumber(key, number, 3 + name.length);
  return key;
}

/** @returns the range of the messages of `name` with numbers from `from` to before `to` */
export function messageRange(name: Uint8Array, from: number, to: number): KeyRange {
  return { from: messageKey(name, from), to: messageKey(name, to) };
}

/** @returns the name and the number in the key of a message; undefined if the key is of another kind */
export function readMessageKey(key: Uint8Array): { readonly name: Uint8Array; readonly number: number } | undefined {
  if (key.length < 11 || key[0] !== MESSAGE) return undefined;
  const length = ((key[1] as number) << 8) | (key[2] as number);
  if (key.length !== 3 + length + 8) return undefined;
  const number = readNumber(viewOf(key), 3 + length);
  return Number.isSafeInteger(number) ? { name: key.subarray(3, 3 + length), number } : undefined;
}

/**
 * @returns a message as the value of its key
 * @param frame is copied
 * @param heldAt in seconds since 1970
 * @param body where the message begins in the frame
 */
export function messageValue(frame: Uint8Array, heldAt: number, body: number): Uint8Array {
  const value = Buffer.allocUnsafe(MESSAGE_HEADER_BYTES + frame.length);
  value.writeUInt32BE(storableSeconds(heldAt), 0);
  value.writeUInt32BE(body, 4);
  copyTextOf(frame, 0, value, MESSAGE_HEADER_BYTES, frame.length);
  return value;
}

/** @returns the frame in the value of a message, as a view */
export function frameOfValue(value: Uint8Array): Uint8Array {
  return value.subarray(MESSAGE_HEADER_BYTES);
}

/** @returns the message of a key and a value; undefined if they are none. `frame` is a view of the value. */
export function readMessage(key: Uint8Array, value: Uint8Array): StoredMessage | undefined {
  const number = readMessageKey(key)?.number;
  if (number === undefined || value.length <= MESSAGE_HEADER_BYTES) return undefined;
  const view = viewOf(value);
  const frame = frameOfValue(value);
  const body = view.getUint32(4);
  if (!isLine(frame) || !isKindOf(frame, body)) return undefined;
  return { number, heldAt: view.getUint32(0), body, frame, expiry: expiryOf(body, frame, 0, frame.length) };
}

/**
 * @returns the key of a recent send to `name`
 * @param said the sender and the id: the part of the frame from the name of the sender to the end of the id
 */
export function sendKey(name: Uint8Array, said: Uint8Array): Uint8Array {
  const key = Buffer.allocUnsafe(3 + name.length + said.length);
  key[0] = SEND;
  key[1] = name.length >>> 8;
  key[2] = name.length & 0xff;
  key.set(name, 3);
  key.set(said, 3 + name.length);
  return key;
}

/** @returns the name in the key of a recent send; undefined if the key is of another kind */
export function nameOfSendKey(key: Uint8Array): Uint8Array | undefined {
  if (key.length < 3 || key[0] !== SEND) return undefined;
  const length = ((key[1] as number) << 8) | (key[2] as number);
  return key.length > 3 + length ? Uint8Array.prototype.slice.call(key, 3, 3 + length) : undefined;
}

/** @returns the value of a recent send. @param heldAt when its message was held, in seconds since 1970 */
export function sendValue(heldAt: number): Uint8Array {
  const value = Buffer.allocUnsafe(SEND_BYTES);
  value.writeUInt32BE(storableSeconds(heldAt), 0);
  return value;
}

/** @returns when the message of a recent send was held, in seconds since 1970; undefined if the value is none */
export function readSendValue(value: Uint8Array): number | undefined {
  return value.length === SEND_BYTES ? viewOf(value).getUint32(0) : undefined;
}

/** A value has no checksum of its own. What is not exactly one line must not reach a peer. */
function isLine(frame: Uint8Array): boolean {
  return frame.indexOf(LF) === frame.length - 1 && isUtf8(frame);
}

/** A program would be sent the message of a program as it is, so that must be JSON (program-message.ts). */
function isKindOf(frame: Uint8Array, body: number): boolean {
  if ((body & ~KNOWN_BITS) !== 0 || bodyOffsetOf(body) >= frame.length) return false;
  if ((body & FROM_PROGRAM) === 0) return true;
  const message = Buffer.from(frame.subarray(bodyOffsetOf(body))).toString();
  const tab = message.indexOf('\t');
  try {
    const { expires } = JSON.parse(`{${message.slice(0, tab)}"body":${message.slice(tab + 1)}}`) as {
      expires?: unknown;
    };
    return (body & EXPIRES) === 0 || Number.isSafeInteger(expires);
  } catch {
    return false;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeNumber(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

function readNumber(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
