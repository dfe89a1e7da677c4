/**
 * Records as plain values, for tests of the records between the threads. They are put, and read back as equal values.
 * Bytes are latin1 text, so that two values can be compared.
 */
import { type BatchBuilder, BatchBuilder as Builder, type OwnPost, type Post } from '../../../src/shared/wire/batch.ts';
import { NO_MESSAGE_ID, putEvent } from '../../../src/shared/wire/events.ts';
import type { FrameGatherer } from '../../../src/shared/wire/frames/frame-gatherer.ts';
import { bodyOffsetOf, FRAME_BODY, FRAME_HEADER_WORDS, type Frames } from '../../../src/shared/wire/frames/frames.ts';
import * as message from '../../../src/shared/wire/message.ts';
import { readToMain, type ToMainHandler } from '../../../src/shared/wire/read-to-main.ts';
import { MAX_WORD as NO_LIMIT } from '../../../src/shared/wire/records.ts';
import * as toMain from '../../../src/shared/wire/to-main.ts';
import * as toShard from '../../../src/shared/wire/to-shard.ts';
import { framesOf, linesOf } from './frames.ts';
import { lineOf } from './lines.ts';
import type { MessageValue, ToMainValue, ToShardValue } from './shard/record-values.ts';

export type { EventValue, ToMainValue, ToShardValue } from './shard/record-values.ts';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const unlatin1 = (text: string) => Buffer.from(text, 'latin1');

export function putToShard(batch: BatchBuilder, value: ToShardValue): void {
  switch (value.kind) {
    case 'attach':
      toShard.putAttach(
        batch,
        value.number,
        unlatin1(value.name),
        value.sendOnly,
        value.progress,
        value.windowFrames,
        value.proven,
      );
      return;
    case 'message':
      putMessageValue(batch, value);
      return;
    case 'written':
      toShard.putWritten(batch, value.number, value.frames, value.bytes, value.last);
      return;
    case 'rejected':
      toShard.putRejected(batch, value.number, value.frame);
      return;
    case 'return':
      toShard.putReturn(batch, {
        ...value,
        name: unlatin1(value.name),
        runs: numberedRuns(value.runs, value.firstNumber),
      });
      return;
    case 'who is':
      toShard.putAskWho(batch, value.asker, unlatin1(value.name), value.question);
      return;
    case 'flush':
      toShard.putFlush(batch, value.flushId);
      return;
    case 'drain':
      toShard.putDrain(batch);
      return;
    case 'begin':
      toShard.putBegin(batch);
      return;
    default:
      value satisfies never;
  }
}

function numberedRuns(runs: readonly string[][], firstNumber = 0): Frames[] {
  let next = firstNumber;
  return runs.map((lines) => {
    const numbers = lines.map(() => next++);
    return framesOf(lines, 0, 0, numbers);
  });
}

/**
 * Puts a message. With one name it is a message to one; otherwise it has a list, whose names alternate with names of
 * another shard. Its line has another line before it.
 */
function putMessageValue(batch: BatchBuilder, value: MessageValue): void {
  const { sender, prefix, body, to, frameKind: kind = 0, messageId = NO_MESSAGE_ID } = value;
  const names = to.flatMap((name) => [unlatin1(name), unlatin1('elsewhere')]);
  const before = unlatin1('before\n');
  const line = Buffer.concat([before, ...names, unlatin1(body)]);
  const ends = names.map((_, i) => names.slice(0, i + 1).reduce((sum, name) => sum + name.length, before.length));
  const starts = names.map((name, i) => (ends[i] ?? 0) - name.length);
  const destinations = {
    bodyStart: line.length - body.length,
    bodyEnd: line.length,
    kind,
    messageId,
    count: names.length,
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    shards: Int32Array.from(names.map((_, i) => 3 + (i % 2))),
  };
  const at = lineOf(line, before.length);
  if (to.length === 1) {
    message.putMessageToOne(batch, sender, message.prefixOf(unlatin1(prefix)), at, destinations, at, destinations);
    return;
  }
  const list = message.putList(batch, 3, at, destinations);
  if (list !== undefined) message.putMessage(batch, sender, list, message.prefixOf(unlatin1(prefix)), at, destinations);
}

export function putToMain(batch: BatchBuilder, value: ToMainValue): void {
  switch (value.kind) {
    case 'attached':
      toMain.putAttached(batch, value.number, value.as, value.waiting, value.last);
      return;
    case 'delivered':
      putDeliveredValue(batch, value.number, framesOf(value.lines));
      return;
    case 'settled':
      toMain.putSettled(batch, value.number);
      return;
    case 'event':
      putEvent(batch, value.sender, { ...value.event, name: unlatin1(value.event.name) });
      return;
    case 'who is':
      toMain.putWhoIs(batch, value.asker, unlatin1(value.name), value.whoIs, value.question);
      return;
    case 'acknowledged':
      toMain.putAcknowledged(batch, value.bytes);
      return;
    case 'flushed':
      toMain.putFlushed(batch, value.flushId, value.waiting, value.storing);
      return;
    case 'released':
      toMain.putReleased(batch, value.buffer);
      return;
    case 'store failed':
      toMain.putStoreFailed(batch, value.failure, value.message);
      return;
    case 'takenOver':
      toMain.putTakenOver(batch, value.number);
      return;
    case 'limited':
      toMain.putLimited(batch, value.limit, unlatin1(value.name));
      return;
    case 'expired':
      toMain.putExpired(batch, unlatin1(value.name), unlatin1(value.head), value.body, value.state);
      return;
    default:
      value satisfies never;
  }
}

function putDeliveredValue(batch: BatchBuilder, number: number, run: Frames): void {
  const header = toMain.beginDelivered(batch, number, run.count, run.bytes.length);
  batch.words.set(run.headers, header);
  batch.bytes.set(run.bytes, (header + run.count * FRAME_HEADER_WORDS) << 2);
}

/** A post of these records. */
export function postOf<T>(put: (batch: BatchBuilder, value: T) => void, values: readonly T[]): OwnPost {
  const batch = new Builder();
  for (const value of values) put(batch, value);
  return batch.takeOwn() ?? { batch: new ArrayBuffer(0), moved: [] };
}

function readMessage(record: message.MessageRecord, lists: readonly string[][]): MessageValue {
  const { sender, list, frameAt, frameLength, body, messageId, nameAt, nameLength } = record;
  const bodyOffset = bodyOffsetOf(body);
  const { bytes } = record.memory;
  const frame = latin1(within(bytes, frameAt, frameLength));
  const to = list === message.TO_ONE ? [latin1(within(bytes, nameAt, nameLength))] : lists[list];
  if (to === undefined) throw new RangeError(`there is no list ${list}`);
  const value = { sender, prefix: frame.slice(0, bodyOffset), body: frame.slice(bodyOffset, -1), to };
  const frameKind = body === bodyOffset ? {} : { frameKind: body - bodyOffset };
  return { kind: 'message', ...value, ...frameKind, ...(messageId === NO_MESSAGE_ID ? {} : { messageId }) };
}

/** A part of `bytes`. Throws if it is not inside of them: then a record is wrong. */
function within(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at < 0 || length < 0 || at + length > bytes.length) throw new RangeError(`${length} bytes at ${at} are outside`);
  return bytes.subarray(at, at + length);
}

/**
 * Reads a post to a shard back into values. `sound` is whether the reader found it valid; `lines` cuts a run into
 * lines.
 */
export function valuesToShard(post: Post, lines = linesOf): { values: ToShardValue[]; sound: boolean } {
  const values: ToShardValue[] = [];
  const lists: string[][] = [];
  const handler: toShard.ToShardHandler = {
    attach: (number, name, sendOnly, progress, windowFrames = NO_LIMIT, proven = false) => {
      const more = { ...(windowFrames === NO_LIMIT ? {} : { windowFrames }), ...(proven ? { proven } : {}) };
      values.push({ kind: 'attach', number, name: latin1(name), sendOnly, progress, ...more });
    },
    list: (list) => {
      const names: string[] = [];
      while (list.next()) names.push(latin1(within(list.bytes, list.nameAt, list.nameLength)));
      lists.push(names);
    },
    message: (message) => values.push(readMessage(message, lists)),
    written: (number, frames, bytes, last) => values.push({ kind: 'written', number, frames, bytes, last }),
    rejected: (number, frame) => values.push({ kind: 'rejected', number, frame }),
    return: (mail) =>
      values.push({ kind: 'return', ...mail, name: latin1(mail.name), runs: mail.runs.map((run) => lines(run)) }),
    whoIs: (asker, name, question) => values.push({ kind: 'who is', asker, name: latin1(name), question }),
    flush: (flushId) => values.push({ kind: 'flush', flushId }),
    drain: () => values.push({ kind: 'drain' }),
    begin: () => values.push({ kind: 'begin' }),
  };
  const sound = toShard.readToShard(post, handler);
  return { values, sound };
}

/** Reads a post to the main thread back into values. `lines` cuts a run into lines. */
export function valuesToMain(
  post: Post,
  lines = linesOf,
  gatherer?: FrameGatherer,
): { values: ToMainValue[]; sound: boolean } {
  const values: ToMainValue[] = [];
  const handler: ToMainHandler = {
    attached: (number, as, waiting, last) =>
      values.push({ kind: 'attached', number, as, waiting, ...(last === 0 ? {} : { last }) }),
    delivered: (number, run) => values.push({ kind: 'delivered', number, lines: lines(run.frames()) }),
    released: (buffer) => values.push({ kind: 'released', buffer }) > 0,
    settled: (number) => values.push({ kind: 'settled', number }),
    takenOver: (number) => values.push({ kind: 'takenOver', number }),
    event: (sender, event) => values.push({ kind: 'event', sender, event: { ...event, name: latin1(event.name) } }),
    whoIs: (asker, name, whoIs, question) =>
      values.push({ kind: 'who is', asker, name: latin1(name), whoIs, question }),
    acknowledged: (bytes) => values.push({ kind: 'acknowledged', bytes }),
    flushed: (flushId, waiting, storing) => values.push({ kind: 'flushed', flushId, waiting, storing }),
    storeFailed: (failure, message) => values.push({ kind: 'store failed', failure, message }),
    expired: (name, { bytes, headers }, state) =>
      values.push({ kind: 'expired', name: latin1(name), head: latin1(bytes), body: headers[FRAME_BODY] ?? 0, state }),
    limited: (limit, name) => values.push({ kind: 'limited', limit, name: latin1(name) }),
  };
  const sound = readToMain(post, handler, gatherer);
  return { values, sound };
}
