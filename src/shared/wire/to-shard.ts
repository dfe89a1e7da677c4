/**
 * Encodes and decodes the records from the main thread to a shard. Verbs are imperatives, because the shard decides.
 */
import { type BatchBuilder, BatchCursor, type Post } from './batch.ts';
import { FRAME_HEADER_WORDS, type Frames } from './frames/frames.ts';
import { ListRecord, MessageRecord } from './message.ts';
import { beginWithText, putText, readText, wordBehindText } from './record-text.ts';
import type { AttachmentNumber, Progress, ToShardKind } from './records.ts';
import * as records from './records.ts';

const { ASK_WHO, ATTACH, BEGIN, DRAIN, FLUSH, MAX_WORD, REJECTED, RETURN, RETURN_RUN, TO_SHARD, WRITTEN } = records;

/** Mail that a writer returns: frames that it was handed and did not finish writing. */
export interface Return {
  readonly attachment: AttachmentNumber;
  readonly name: Uint8Array;
  /** Whether the writer has finished, so that the name may be freed. False for mail that arrived for it after that. */
  readonly last: boolean;
  readonly writtenFrames: number;
  readonly writtenBytes: number;
  readonly writtenNumber: number;
  /** Oldest first. Each run is in a buffer of its own (frames.ts, ownFrames). */
  readonly runs: readonly Frames[];
}

/**
 * Attaches a session to a name.
 * @param sendOnly whether the attachment is known to be one that can only send
 * @param progress of its writer so far
 * @param windowFrames the most frames that the writer may have in hand
 * @param proven whether the peer has proved that the name is its own, and takes it over from who has it
 */
export function putAttach(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  name: Uint8Array,
  sendOnly: boolean,
  progress: Progress,
  windowFrames = MAX_WORD,
  proven = false,
): void {
  const at = beginWithText(batch, TO_SHARD.attach, ATTACH.name, name);
  const { words } = batch;
  words[at + ATTACH.attachment] = attachment;
  words[at + ATTACH.sendOnly] = sendOnly ? 1 : 0;
  words[at + ATTACH.handedFrames] = progress.handedFrames;
  words[at + ATTACH.handedBytes] = progress.handedBytes;
  words[at + ATTACH.handedNumber] = progress.handedNumber;
  words[at + ATTACH.writtenFrames] = progress.writtenFrames;
  words[at + ATTACH.writtenBytes] = progress.writtenBytes;
  words[at + ATTACH.writtenNumber] = progress.writtenNumber;
  words[at + ATTACH.windowFrames] = windowFrames;
  words[at + ATTACH.proven] = proven ? 1 : 0;
}

/**
 * Reports what a writer has written: sums since the attachment began, modulo 2^32, and the number of the last frame.
 */
export function putWritten(
  batch: BatchBuilder,
  attachment: AttachmentNumber,
  writtenFrames: number,
  writtenBytes: number,
  writtenNumber: number,
): void {
  const at = batch.begin(TO_SHARD.written, WRITTEN.end * 4);
  batch.words[at + WRITTEN.attachment] = attachment;
  batch.words[at + WRITTEN.frames] = writtenFrames;
  batch.words[at + WRITTEN.bytes] = writtenBytes;
  batch.words[at + WRITTEN.number] = writtenNumber;
}

/** Reports a frame that its program has rejected. @param number of the frame, modulo 2^32 */
export function putRejected(batch: BatchBuilder, attachment: AttachmentNumber, number: number): void {
  const at = batch.begin(TO_SHARD.rejected, REJECTED.end * 4);
  batch.words[at + REJECTED.attachment] = attachment;
  batch.words[at + REJECTED.number] = number;
}

/** Returns mail. The buffers of its runs move with the batch, so the caller must not use them any more. */
export function putReturn(batch: BatchBuilder, mail: Return): void {
  const words = wordBehindText(RETURN.name, mail.name.length) + mail.runs.length * RETURN_RUN.words;
  const at = batch.begin(TO_SHARD.return, words * 4);
  batch.words[at + RETURN.attachment] = mail.attachment;
  batch.words[at + RETURN.last] = mail.last ? 1 : 0;
  batch.words[at + RETURN.writtenFrames] = mail.writtenFrames;
  batch.words[at + RETURN.writtenBytes] = mail.writtenBytes;
  batch.words[at + RETURN.writtenNumber] = mail.writtenNumber;
  batch.words[at + RETURN.runs] = mail.runs.length;
  putText(batch, at + RETURN.name, mail.name);
  let run = wordBehindText(at + RETURN.name, mail.name.length);
  for (const frames of mail.runs) {
    batch.words[run + RETURN_RUN.buffer] = batch.move(frames.bytes.buffer as ArrayBuffer);
    batch.words[run + RETURN_RUN.frames] = frames.count;
    batch.words[run + RETURN_RUN.bytes] = frames.bytes.length;
    run += RETURN_RUN.words;
  }
}

/** Asks about a name. @param question the number of the question, which the answer has too */
export function putAskWho(batch: BatchBuilder, asker: AttachmentNumber, name: Uint8Array, question: number): void {
  const at = beginWithText(batch, TO_SHARD.askWho, ASK_WHO.name, name);
  batch.words[at + ASK_WHO.asker] = asker;
  batch.words[at + ASK_WHO.question] = question;
}

/** Asks for an answer with the same id, once all earlier records have been processed. */
export function putFlush(batch: BatchBuilder, flushId: number): void {
  const at = batch.begin(TO_SHARD.flush, FLUSH.end * 4);
  batch.words[at + FLUSH.flushId] = flushId;
}

/** Tells the shard to end when every frame is accounted for. No further record follows. */
export function putDrain(batch: BatchBuilder): void {
  batch.begin(TO_SHARD.drain, DRAIN.end * 4);
}

/** Tells the shard that it may deliver: all that it must know first has been put. */
export function putBegin(batch: BatchBuilder): void {
  batch.begin(TO_SHARD.begin, BEGIN.end * 4);
}

/** The handler of the records to a shard. Each call means what the `put` function of its record says. */
export interface ToShardHandler {
  attach(
    attachment: AttachmentNumber,
    name: Uint8Array,
    sendOnly: boolean,
    progress: Progress,
    windowFrames?: number,
    proven?: boolean,
  ): void;
  list(list: ListRecord): void;
  message(message: MessageRecord): void;
  written(attachment: AttachmentNumber, writtenFrames: number, writtenBytes: number, lastNumber: number): void;
  rejected(attachment: AttachmentNumber, number: number): void;
  return(mail: Return): void;
  whoIs(asker: AttachmentNumber, name: Uint8Array, question: number): void;
  flush(flushId: number): void;
  drain(): void;
  begin(): void;
}

const list = new ListRecord();
const message = new MessageRecord();

/**
 * Passes each record of a post to `handler`.
 * @returns false if a record is broken; those before it have been handled, and the rest is ignored
 */
export function readToShard(post: Post, handler: ToShardHandler): boolean {
  const cursor = new BatchCursor(post);
  let lists = 0;
  while (cursor.next()) {
    const kind = cursor.kind as ToShardKind;
    switch (kind) {
      case TO_SHARD.message:
        if (message.read(cursor, lists)) handler.message(message);
        break;
      case TO_SHARD.list:
        if (!list.read(cursor)) break;
        lists++;
        handler.list(list);
        break;
      case TO_SHARD.written:
        readWritten(cursor, handler);
        break;
      case TO_SHARD.rejected:
        handler.rejected(cursor.at(REJECTED.attachment), cursor.at(REJECTED.number));
        break;
      case TO_SHARD.attach:
        readAttach(cursor, handler);
        break;
      case TO_SHARD.return:
        readReturn(cursor, handler);
        break;
      case TO_SHARD.askWho:
        readAskWho(cursor, handler);
        break;
      case TO_SHARD.flush:
        handler.flush(cursor.at(FLUSH.flushId));
        break;
      case TO_SHARD.drain:
        handler.drain();
        break;
      case TO_SHARD.begin:
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
  const name = readText(cursor, ATTACH.name);
  if (name === undefined) return;
  handler.attach(
    cursor.at(ATTACH.attachment),
    name,
    cursor.at(ATTACH.sendOnly) === 1,
    {
      handedFrames: cursor.at(ATTACH.handedFrames),
      handedBytes: cursor.at(ATTACH.handedBytes),
      handedNumber: cursor.at(ATTACH.handedNumber),
      writtenFrames: cursor.at(ATTACH.writtenFrames),
      writtenBytes: cursor.at(ATTACH.writtenBytes),
      writtenNumber: cursor.at(ATTACH.writtenNumber),
    },
    cursor.at(ATTACH.windowFrames),
    cursor.at(ATTACH.proven) === 1,
  );
}

function readWritten(cursor: BatchCursor, handler: ToShardHandler): void {
  const frames = cursor.at(WRITTEN.frames);
  const bytes = cursor.at(WRITTEN.bytes);
  handler.written(cursor.at(WRITTEN.attachment), frames, bytes, cursor.at(WRITTEN.number));
}

function readAskWho(cursor: BatchCursor, handler: ToShardHandler): void {
  const name = readText(cursor, ASK_WHO.name);
  if (name !== undefined) handler.whoIs(cursor.at(ASK_WHO.asker), name, cursor.at(ASK_WHO.question));
}

function readReturn(cursor: BatchCursor, handler: ToShardHandler): void {
  const name = readText(cursor, RETURN.name);
  if (name === undefined) return;
  const runs = readRuns(cursor, wordBehindText(cursor.word + RETURN.name, name.length), cursor.at(RETURN.runs));
  if (runs === undefined) {
    cursor.fail();
    return;
  }
  handler.return({
    attachment: cursor.at(RETURN.attachment),
    name,
    last: cursor.at(RETURN.last) === 1,
    writtenFrames: cursor.at(RETURN.writtenFrames),
    writtenBytes: cursor.at(RETURN.writtenBytes),
    writtenNumber: cursor.at(RETURN.writtenNumber),
    runs,
  });
}

/** Reads `count` runs from word `first` on. @returns undefined if one of them is not valid */
function readRuns(cursor: BatchCursor, first: number, count: number): Frames[] | undefined {
  if (!cursor.holds(first << 2, count * RETURN_RUN.words * 4)) return undefined;
  const runs: Frames[] = [];
  for (let i = 0; i < count; i++) {
    const frames = movedFrames(cursor, first + i * RETURN_RUN.words);
    if (frames === undefined) return undefined;
    runs.push(frames);
  }
  return runs;
}

function movedFrames(cursor: BatchCursor, run: number): Frames | undefined {
  const buffer = cursor.moved[cursor.words[run + RETURN_RUN.buffer] as number];
  const count = cursor.words[run + RETURN_RUN.frames] as number;
  const length = cursor.words[run + RETURN_RUN.bytes] as number;
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
