/**
 * What the main thread tells a shard, in the order it matters. Verbs are imperatives: the shard decides.
 *
 * | record | words after the header |
 * | --- | --- |
 * | attach | attachment, sendOnly, the progress (handed, written: frames, bytes, last number), name length; name |
 * | list, message | see message.ts |
 * | written | attachment, written frames, written bytes, last number |
 * | return | attachment, last, written frames, bytes, number, name length, runs; name; a run: buffer, count, bytes |
 * | who is | attachment of who asks, name length; name |
 * | flush | token |
 * | drain | |
 * | begin | |
 *
 * A last number is that of the last frame handed, or written (frames.ts, FRAME_NUMBER). Counts of frames and bytes are
 * sums since the attachment began, modulo 2^32: saying one twice does no harm.
 */
import { type BatchBuilder, BatchCursor, type Post, padded, RECORD_WORDS } from './batch.ts';
import { FRAME_HEADER_WORDS, type Frames } from './frames.ts';
import { LIST, ListRecord, MESSAGE, MessageRecord } from './message.ts';
import type { AttachmentNumber, Progress } from './records.ts';

const ATTACH = 1;
const WRITTEN = 3;
const RETURN = 4;
const FLUSH = 5;
const DRAIN = 6;
const BEGIN = 7;
const WHO_IS = 9; // 8 is a list

/** Mail a writer gives back: what it was handed last and did not finish writing. */
export interface Return {
  readonly attachment: AttachmentNumber;
  readonly name: Uint8Array;
  /** True once the writer has finished: the name may be freed. False for mail that came for it after that. */
  readonly last: boolean;
  readonly writtenFrames: number;
  readonly writtenBytes: number;
  readonly writtenNumber: number;
  /** In the order they were handed; each in a buffer of its own (frames.ts, ownFrames). */
  readonly runs: readonly Frames[];
}

export function putAttach(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  name: Uint8Array,
  sendOnly: boolean,
  progress: Progress,
): void {
  const at = batch.begin(ATTACH, (RECORD_WORDS + 9) * 4 + name.length);
  const { words } = batch;
  words[at + 2] = attachment;
  words[at + 3] = sendOnly ? 1 : 0;
  words[at + 4] = progress.handedFrames;
  words[at + 5] = progress.handedBytes;
  words[at + 6] = progress.handedNumber;
  words[at + 7] = progress.writtenFrames;
  words[at + 8] = progress.writtenBytes;
  words[at + 9] = progress.writtenNumber;
  words[at + 10] = name.length;
  batch.bytes.set(name, (at + 11) << 2);
}

export function putWritten(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  writtenFrames: number,
  writtenBytes: number,
  writtenNumber: number,
): void {
  const at = batch.begin(WRITTEN, (RECORD_WORDS + 4) * 4);
  batch.words[at + 2] = attachment;
  batch.words[at + 3] = writtenFrames;
  batch.words[at + 4] = writtenBytes;
  batch.words[at + 5] = writtenNumber;
}

/** Puts a return; the buffers of its runs move with the batch and are gone for the caller once it is posted. */
export function putReturn(batch: BatchBuilder, mail: Return): void {
  const size = (RECORD_WORDS + 7 + mail.runs.length * 3) * 4 + padded(mail.name.length);
  const at = batch.begin(RETURN, size);
  const { words } = batch;
  words[at + 2] = mail.attachment;
  words[at + 3] = mail.last ? 1 : 0;
  words[at + 4] = mail.writtenFrames;
  words[at + 5] = mail.writtenBytes;
  words[at + 6] = mail.writtenNumber;
  words[at + 7] = mail.name.length;
  words[at + 8] = mail.runs.length;
  batch.bytes.set(mail.name, (at + 9) << 2);
  let run = at + 9 + (padded(mail.name.length) >> 2);
  for (const frames of mail.runs) {
    words[run] = batch.move(frames.bytes.buffer as ArrayBuffer);
    words[run + 1] = frames.count;
    words[run + 2] = frames.bytes.length;
    run += 3;
  }
}

/** Asks how a name stands. */
export function putAskWho(batch: BatchBuilder, asker: AttachmentNumber, name: Uint8Array): void {
  const at = batch.begin(WHO_IS, (RECORD_WORDS + 2) * 4 + name.length);
  batch.words[at + 2] = asker;
  batch.words[at + 3] = name.length;
  batch.bytes.set(name, (at + 4) << 2);
}

export function putFlush(batch: BatchBuilder, token: number): void {
  const at = batch.begin(FLUSH, (RECORD_WORDS + 1) * 4);
  batch.words[at + 2] = token;
}

export function putDrain(batch: BatchBuilder): void {
  batch.begin(DRAIN, RECORD_WORDS * 4);
}

/** Puts the word that everything has been said that a shard must know before it hands anything out. */
export function putBegin(batch: BatchBuilder): void {
  batch.begin(BEGIN, RECORD_WORDS * 4);
}

/** Who works off what the main thread tells a shard. */
export interface ToShardHandler {
  attach(attachment: AttachmentNumber, name: Uint8Array, sendOnly: boolean, progress: Progress): void;
  list(list: ListRecord): void;
  message(message: MessageRecord): void;
  written(attachment: AttachmentNumber, writtenFrames: number, writtenBytes: number, lastNumber: number): void;
  return(mail: Return): void;
  whoIs(asker: AttachmentNumber, name: Uint8Array): void;
  flush(token: number): void;
  drain(): void;
  begin(): void;
}

type ToShardKind =
  | typeof ATTACH
  | typeof LIST
  | typeof MESSAGE
  | typeof WRITTEN
  | typeof RETURN
  | typeof WHO_IS
  | typeof FLUSH
  | typeof DRAIN
  | typeof BEGIN;
const list = new ListRecord();
const message = new MessageRecord();

/**
 * Reads a post, record by record, into `handler`.
 * @returns false if the bytes stopped making sense; what came before has been handled, the rest is left
 */
export function readToShard(post: Post, handler: ToShardHandler): boolean {
  const cursor = new BatchCursor(post);
  let lists = 0;
  while (cursor.next()) {
    const kind = cursor.kind as ToShardKind;
    switch (kind) {
      case MESSAGE:
        if (message.read(cursor, lists)) handler.message(message);
        break;
      case LIST:
        if (!list.read(cursor)) break;
        lists++;
        handler.list(list);
        break;
      case WRITTEN:
        handler.written(cursor.at(2), cursor.at(3), cursor.at(4), cursor.at(5));
        break;
      case ATTACH:
        readAttach(cursor, handler);
        break;
      case RETURN:
        readReturn(cursor, handler);
        break;
      case WHO_IS:
        readWhoIs(cursor, handler);
        break;
      case FLUSH:
        handler.flush(cursor.at(2));
        break;
      case DRAIN:
        handler.drain();
        break;
      case BEGIN:
        handler.begin();
        break;
      default:
        kind satisfies never;
        cursor.fail();
    }
  }
  return !cursor.broken;
}

function readAttach(cursor: BatchCursor, handler: ToShardHandler): void {
  const nameAt = (cursor.word + 11) << 2;
  const nameLength = cursor.at(10);
  if (!cursor.holds(nameAt, nameLength)) {
    cursor.fail();
    return;
  }
  handler.attach(cursor.at(2), cursor.bytes.slice(nameAt, nameAt + nameLength), cursor.at(3) === 1, {
    handedFrames: cursor.at(4),
    handedBytes: cursor.at(5),
    handedNumber: cursor.at(6),
    writtenFrames: cursor.at(7),
    writtenBytes: cursor.at(8),
    writtenNumber: cursor.at(9),
  });
}

function readWhoIs(cursor: BatchCursor, handler: ToShardHandler): void {
  const nameAt = (cursor.word + 4) << 2;
  const nameLength = cursor.at(3);
  if (cursor.holds(nameAt, nameLength)) handler.whoIs(cursor.at(2), cursor.bytes.slice(nameAt, nameAt + nameLength));
  else cursor.fail();
}

function readReturn(cursor: BatchCursor, handler: ToShardHandler): void {
  const nameAt = (cursor.word + 9) << 2;
  const nameLength = cursor.at(7);
  const runCount = cursor.at(8);
  if (!cursor.holds(nameAt, nameLength) || !cursor.holds(nameAt + padded(nameLength), runCount * 12)) {
    cursor.fail();
    return;
  }
  const runs: Frames[] = [];
  let run = (nameAt + padded(nameLength)) >> 2;
  for (let i = 0; i < runCount; i++, run += 3) {
    const frames = movedFrames(cursor, run);
    if (frames === undefined) {
      cursor.fail();
      return;
    }
    runs.push(frames);
  }
  handler.return({
    attachment: cursor.at(2),
    name: cursor.bytes.slice(nameAt, nameAt + nameLength),
    last: cursor.at(3) === 1,
    writtenFrames: cursor.at(4),
    writtenBytes: cursor.at(5),
    writtenNumber: cursor.at(6),
    runs,
  });
}

function movedFrames(cursor: BatchCursor, run: number): Frames | undefined {
  const buffer = cursor.moved[cursor.words[run] as number];
  const count = cursor.words[run + 1] as number;
  const length = cursor.words[run + 2] as number;
  const headerBytes = count * FRAME_HEADER_WORDS * 4;
  if (buffer === undefined || count < 0 || length < 0 || headerBytes + length !== buffer.byteLength) return undefined;
  const headers = new Int32Array(buffer, 0, count * FRAME_HEADER_WORDS);
  let sum = 0;
  for (let i = 0; i < headers.length; i += FRAME_HEADER_WORDS) {
    if ((headers[i] as number) < 1) return undefined;
    sum += headers[i] as number;
  }
  return sum === length ? { headers, bytes: new Uint8Array(buffer, headerBytes, length), count } : undefined;
}
