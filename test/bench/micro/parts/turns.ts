/**
 * A shard whose peers read everything: their writers, on paper, report each turn what they were handed. It is thinner
 * than the bench of the unit tests, which keeps every line and would be most of what is measured.
 */
import { BatchBuilder, type Post } from '../../../../src/shared/wire/batch.ts';
import type { ShardEvent } from '../../../../src/shared/wire/events.ts';
import type { DeliveredFrames } from '../../../../src/shared/wire/frames/delivered-frames.ts';
import { FRAME_NUMBER } from '../../../../src/shared/wire/frames/frames.ts';
import { readToMain, type ToMainHandler } from '../../../../src/shared/wire/read-to-main.ts';
import { putAttach, putBegin, putReturn, putWritten } from '../../../../src/shared/wire/to-shard.ts';
import { Shard } from '../../../../workers/shard/shard.ts';
import { NO_PROGRESS, PaperBudget } from '../../../helpers/unit/shard/bench.ts';
import { PaperStore } from '../../../helpers/unit/store.ts';
import { pool, release } from './arena.ts';

/** About those of a broker for which nothing was set. */
const SETTINGS = {
  holdSeconds: 604_800,
  notices: true,
  holdUnknown: false,
  maxNameBytes: 256,
  strict: false,
  mailboxMaxMessages: 10_000,
  mailboxMaxBytes: 16 * 1024 * 1024,
  writeWindowBytes: 256 * 1024,
  firstWindowBytes: 64 * 1024,
  frontBytes: 64 * 1024,
  memoryBytes: 32 * 1024 * 1024,
  fullMemoryBytes: 64 * 1024 * 1024,
  handedBytes: 64 * 1024 * 1024,
  unreportedBytes: 8 * 1024,
  reservePercent: 10,
  maxNames: 1_000_000,
  dedupeSeconds: 120,
  dedupeMax: 100_000,
};
const NOW = 1_000_000;
/** Only one shard works at a time. */
const OUT = pool();

/** What a writer has written, all of it since it was attached. */
interface Written {
  frames: number;
  bytes: number;
  number: number;
}

export class ShardTurns implements ToMainHandler {
  readonly store = new PaperStore();
  readonly shard: Shard;
  readonly #in = new BatchBuilder();
  readonly #written = new Map<number, Written>();
  /** Those that were handed something in this turn. */
  readonly #handed = new Set<number>();
  /** Frames handed to the writers so far. */
  frames = 0;
  readonly notices: ShardEvent['kind'][] = [];

  constructor() {
    this.shard = new Shard(SETTINGS, {
      budget: new PaperBudget(Number.POSITIVE_INFINITY),
      now: () => NOW,
      post: (post) => {
        if (!readToMain(post, this)) throw new Error('the shard posted a batch that makes no sense');
        release(post);
      },
      out: new BatchBuilder(OUT),
      store: this.store,
      seed: 1,
    });
    putBegin(this.#in);
  }

  /** These come, with attachments from number `first` on. */
  attach(names: readonly string[], first: number): void {
    for (const [index, name] of names.entries()) {
      this.#written.set(first + index, { frames: 0, bytes: 0, number: 0 });
      putAttach(this.#in, first + index, Buffer.from(name), false, NO_PROGRESS);
    }
    this.#work();
  }

  /** These leave, without having been handed anything. */
  leave(names: readonly string[], first: number): void {
    const none = { writtenFrames: 0, writtenBytes: 0, writtenNumber: 0, runs: [] };
    for (const [index, name] of names.entries()) {
      this.#written.delete(first + index);
      putReturn(this.#in, { attachment: first + index, name: Buffer.from(name), last: true, ...none });
    }
    this.#work();
  }

  /** One turn: the shard works off a post, and hears what its writers have written of it. */
  turn(post: Post): void {
    this.shard.receive(post);
    this.shard.postOut();
    this.#answer();
    this.reportWritten();
  }

  /** Everything that was handed out is written. */
  reportWritten(): void {
    for (const number of this.#handed) {
      const written = this.#written.get(number);
      if (written !== undefined) putWritten(this.#in, number, written.frames, written.bytes, written.number);
    }
    this.#handed.clear();
    this.#work();
  }

  released(): boolean {
    return true;
  }

  delivered(number: number, delivered: DeliveredFrames): void {
    const written = this.#written.get(number);
    if (written === undefined) throw new Error(`number ${number} is not attached`);
    const { count, length } = delivered;
    written.frames += count;
    written.bytes += length;
    written.number = delivered.word(count - 1, FRAME_NUMBER);
    this.frames += count;
    this.#handed.add(number);
  }

  event(_sender: number, event: ShardEvent): void {
    this.notices.push(event.kind);
  }

  storeFailed(failure: string, message: string): void {
    throw new Error(`the store failed: ${failure}: ${message}`);
  }

  attached(): void {}
  whoIs(): void {}
  settled(): void {}

  takenOver(): void {}
  limited(): void {}
  expired(): void {}
  acknowledged(): void {}
  flushed(): void {}

  #work(): void {
    const post = this.#in.take();
    if (post === undefined) return;
    this.shard.receive(post);
    this.shard.postOut();
    this.#answer();
  }

  /** The store answers all it is asked, and the shard says what comes of that. */
  #answer(): void {
    while (this.store.answer()) this.shard.postOut();
  }
}
