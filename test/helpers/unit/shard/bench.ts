/**
 * A shard in a unit test. Records are posted to it as the main thread would do it, and its answers are kept. The bench
 * also plays the writers: it knows what each writer was handed, and reports it as written or returns it.
 */
import { setImmediate } from 'node:timers/promises';
import { BatchBuilder, type Post, postWeight } from '../../../../src/shared/wire/batch.ts';
import { NO_MESSAGE_ID } from '../../../../src/shared/wire/events.ts';
import { prefixOf, putMessage } from '../../../../src/shared/wire/message.ts';
import type { PriorDelivery, ShardSettings } from '../../../../src/shared/wire/port/shard-task.ts';
import { type AttachedAs, NO_QUESTION, type Progress } from '../../../../src/shared/wire/records.ts';
import {
  putAskWho,
  putAttach,
  putBegin,
  putDrain,
  putFlush,
  putReturn,
  putWritten,
} from '../../../../src/shared/wire/to-shard.ts';
import type { Budget } from '../../../../workers/mailbox/limits/budget.ts';
import { Shard } from '../../../../workers/shard/shard.ts';
import { framesOf, linesOf } from '../frames.ts';
import { lineOf } from '../lines.ts';
import { OverwrittenBuffers } from '../overwritten-buffers.ts';
import { putToShard, type ToMainValue, valuesToMain } from '../records.ts';
import { BENCH_SETTINGS } from '../samples.ts';
import { PaperStore } from '../store.ts';
import { type Hand, type Handed, Hands, handedOf } from './hands.ts';

export const NO_PROGRESS: Progress = {
  handedFrames: 0,
  handedBytes: 0,
  handedNumber: 0,
  writtenFrames: 0,
  writtenBytes: 0,
  writtenNumber: 0,
};

/** A budget for one thread. */
export class PaperBudget implements Budget {
  used = 0;
  max: number;
  inReserve = false;
  /** The part that every sender may use. It has no limit unless a test sets one. */
  free = Number.POSITIVE_INFINITY;

  constructor(max: number) {
    this.max = max;
  }

  take(bytes: number): boolean {
    if (this.used + bytes > this.max) return false;
    this.used += bytes;
    this.inReserve = this.used > this.free;
    return true;
  }

  force(bytes: number): void {
    this.used += bytes;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

export class ShardBench {
  now = 1_000_000;
  readonly budget: PaperBudget;
  readonly store: PaperStore;
  readonly shard: Shard;
  readonly posts: Post[] = [];
  readonly #in = new BatchBuilder(new OverwrittenBuffers(2, 320 * 1024));
  readonly #hands = new Hands();
  readonly #seen: ToMainValue[] = [];
  /** The weight of all posts to the shard. */
  sentBytes = 0;
  /** Whether the store answers all reads and writes of a turn at its end. */
  storeAnswers = true;

  constructor(
    settings: Partial<ShardSettings> = {},
    heldMaxBytes = Number.POSITIVE_INFINITY,
    store = new PaperStore(),
    begun = true,
  ) {
    this.store = store;
    this.budget = new PaperBudget(heldMaxBytes);
    const edges = { budget: this.budget, now: () => this.now, post: (post: Post) => this.#note(post), seed: 1, store };
    const given = { ...BENCH_SETTINGS, ...settings };
    this.shard = new Shard({ firstWindowBytes: given.writeWindowBytes, ...given }, edges);
    if (begun) putBegin(this.#in);
  }

  /** Puts a *begin*: everything about the previous life has been put. */
  begin(): this {
    putBegin(this.#in);
    return this;
  }

  attach(number: number, name: string, sendOnly = false, progress = NO_PROGRESS, proven = false): this {
    putAttach(this.#in, number, Buffer.from(name, 'latin1'), sendOnly, progress, undefined, proven);
    this.#hands.add(number, name);
    return this;
  }

  /** Puts a line from attachment `sender` to these names. Its frame is `body` and LF. */
  message(sender: number, to: string | readonly string[], ...bodies: string[]): this {
    for (const body of bodies) {
      putToShard(this.#in, { kind: 'message', sender, prefix: '', body, to: typeof to === 'string' ? [to] : to });
    }
    return this;
  }

  /** Puts a line as a session does: its frame names the sender. A program may have given it a kind and an id. */
  messageFrom(sender: number, name: string, to: string, body: string, frameKind = 0, messageId = NO_MESSAGE_ID): this {
    const prefix = `from ${name}: `;
    putToShard(this.#in, { kind: 'message', sender, prefix, body, to: [to], frameKind, messageId });
    return this;
  }

  /** Puts a line from `sender` to the list of the previous message, which must be in the same batch. */
  messageAgain(sender: number, body: string): this {
    const bytes = Buffer.from(body);
    const whole = { bodyStart: 0, bodyEnd: bytes.length, kind: 0, messageId: NO_MESSAGE_ID };
    putMessage(this.#in, sender, this.#in.lists - 1, prefixOf(Buffer.alloc(0)), lineOf(bytes), whole);
    return this;
  }

  /** Writer `number` has written the next `count` frames in its hands, or all of them. */
  write(number: number, count = Number.POSITIVE_INFINITY): this {
    this.#wrote(number, count);
    const { writtenFrames, writtenBytes, writtenNumber } = this.#hands.of(number);
    return this.written(number, writtenFrames, writtenBytes, writtenNumber);
  }

  /**
   * Writer `number` finishes. It returns everything in its hands, without the last `inFlight` frames, which have not
   * reached it yet.
   */
  leave(number: number, { written = 0, inFlight = 0 } = {}): this {
    this.#wrote(number, written);
    return this.#giveBack(number, true, inFlight);
  }

  /** Writer `number`, which has finished, returns the frames that were in flight to it. */
  giveBack(number: number): this {
    return this.#giveBack(number, false, 0);
  }

  /** Puts only the report that `frames` and `bytes` are written in all, true or not. */
  written(number: number, frames: number, bytes: number, last = 0): this {
    putWritten(this.#in, number, frames, bytes, last);
    return this;
  }

  /** Puts only a return of these lines, true or not. */
  returned(
    attachment: number,
    name: string,
    lines: readonly string[],
    last = false,
    {
      writtenFrames = 0,
      writtenBytes = 0,
      writtenNumber = 0,
      heldAt = [],
      numbers = [],
      bodies = [],
    }: Partial<Hand> = {},
  ): this {
    const mail = { attachment, name: Buffer.from(name, 'latin1'), last, writtenFrames, writtenBytes, writtenNumber };
    putReturn(this.#in, { ...mail, runs: lines.length > 0 ? [framesOf(lines, heldAt, bodies, numbers)] : [] });
    return this;
  }

  /** Attachment `asker` asks about a name. */
  whoIs(asker: number, name: string, question = NO_QUESTION): this {
    putAskWho(this.#in, asker, Buffer.from(name, 'latin1'), question);
    return this;
  }

  flush(flushId: number): this {
    putFlush(this.#in, flushId);
    return this;
  }

  drain(): this {
    putDrain(this.#in);
    return this;
  }

  /** Lets `seconds` pass. */
  pass(seconds: number): this {
    this.work();
    this.now += seconds;
    this.shard.tick();
    return this.work();
  }

  /** Posts everything that was put as one batch, ends the turn, and keeps the answer. */
  work(): this {
    this.turn();
    this.shard.postOut();
    if (this.storeAnswers) this.answerAll();
    return this;
  }

  /** Loads the shard as after a crash: with the deliveries of the previous life, and with what the store has. */
  async load(handed: readonly PriorDelivery[] = [], compare = false): Promise<this> {
    const loaded = this.shard.load(() => true, handed, compare);
    while (this.store.answer()) await setImmediate();
    await loaded;
    return this;
  }

  /** Lets the store answer all reads and writes, and keeps the results. */
  answerAll(): this {
    while (this.store.answer()) this.shard.postOut();
    return this;
  }

  /** Posts everything that was put as one batch, and does not end the turn. */
  turn(): this {
    const post = this.#in.take();
    if (post === undefined) return this;
    this.sentBytes += postWeight(post);
    this.shard.receive(post);
    return this;
  }

  /** Every record that the shard has posted. */
  get said(): readonly ToMainValue[] {
    this.work();
    return this.#seen;
  }

  /** All lines that this attachment was handed so far. */
  delivered(number: number): readonly string[] {
    this.work();
    return this.#hands.of(number).lines;
  }

  /** All notices, as `sender kind name`, with ` +more` if it is a count. */
  get notices(): string[] {
    return this.said.flatMap((value) => {
      if (value.kind !== 'event' || value.event.class !== 'news') return [];
      const { kind, name, more } = value.event;
      return [`${value.sender} ${kind} ${name}${more === 0 ? '' : ` +${more}`}`];
    });
  }

  /** The attachments that are settled. */
  get settled(): number[] {
    return this.said.flatMap((value) => (value.kind === 'settled' ? [value.number] : []));
  }

  /** The answers to attach, in order, and whether the peer receives. */
  get attached(): [number, boolean][] {
    return this.standings.map(([number, as]) => [number, as === 'receiving']);
  }

  /** The answers to attach, in order, with the number of messages that waited. */
  get standings(): [number, AttachedAs, number][] {
    const answer = (value: ToMainValue): [number, AttachedAs, number][] =>
      value.kind === 'attached' ? [[value.number, value.as, value.waiting]] : [];
    return this.said.flatMap(answer);
  }

  get stats() {
    this.work();
    return this.shard.stats();
  }

  #wrote(number: number, count: number): void {
    this.work();
    this.#hands.write(number, count);
  }

  #giveBack(number: number, last: boolean, inFlight: number): this {
    this.work();
    const { lines, ...back } = this.#hands.giveBack(number, inFlight);
    const hand = this.#hands.of(number);
    return this.returned(number, hand.name, lines, last, { ...hand, ...back });
  }

  #note(post: Post): void {
    this.posts.push(post);
    const runs: Handed[] = [];
    const { values, sound } = valuesToMain(post, (run) => {
      runs.push(handedOf(run));
      return linesOf(run);
    });
    if (!sound) throw new Error('the shard posted a batch that makes no sense');
    for (const value of values) {
      this.#seen.push(value);
      if (value.kind === 'delivered') this.#hands.take(value.number, runs.shift() as Handed);
    }
  }
}
