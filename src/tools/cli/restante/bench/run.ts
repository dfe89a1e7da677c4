/** A run: makes the pairs, lets them send for the time, and waits until what is under way is done. */
import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { type Load, Pair } from './pair.ts';
import { Tally } from './tally.ts';

/** Pairs that are made at a time. */
const MADE_AT_A_TIME = 16;
/** How long it may be at the end that no message is done. After a signal, the end takes no longer. */
const LAST_MESSAGES_MS = 5_000;
/** A durable message that is left behind, because this process was killed, leaves the disk after this time. */
const DURABLE_TTL_SECONDS = 600;

/** What a user has asked for. */
export interface BenchOptions {
  readonly pairs: number;
  readonly inFlight: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly durable?: true;
}

/** The pairs of one run, and how far it is. */
export class BenchRun implements AsyncDisposable {
  readonly #context: Context;
  readonly #options: BenchOptions;
  readonly #load: Load;
  readonly #pairs: Pair[] = [];
  readonly #receiving: Promise<void>[] = [];
  /** It makes the names different from all others. */
  readonly #word = randomUUID().slice(-12);
  /** Set when the first message that counts is sent. */
  tally: Tally | undefined;
  beganAt = 0;

  constructor(context: Context, options: BenchOptions) {
    this.#context = context;
    this.#options = options;
    const { inFlight, bytes, durable } = options;
    const how = durable ? { durable, ttl: DURABLE_TTL_SECONDS, receipt: false } : {};
    this.#load = { inFlight, body: 'x'.repeat(bytes), options: how };
  }

  get unfinished(): number {
    return this.#pairs.reduce((sum, { unfinished }) => sum + unfinished, 0);
  }

  /** Makes the pairs, and tries each with one message. @throws what `connect` and `send` of the library throw */
  async prepare(): Promise<void> {
    for (let made = 0; made < this.#options.pairs; made += MADE_AT_A_TIME) {
      const count = Math.min(MADE_AT_A_TIME, this.#options.pairs - made);
      await all(Array.from({ length: count }, (_, i) => this.#makePair(made + i)));
    }
    await Promise.race([...this.#receiving, all(this.#pairs.map((pair) => pair.tryOne()))]);
    this.#context.stop.throwIfAborted();
  }

  async #makePair(number: number): Promise<void> {
    // The broker remembers no name that begins with a tilde, and puts nothing for it on disk.
    const name = `${this.#options.durable ? '' : '~'}bench-${this.#word}-${number}`;
    const receiver = await openSession(this.#context, { name, window: this.#options.inFlight, stays: false });
    try {
      const sender = await openSession(this.#context, { stays: false });
      this.#pairs.push(new Pair(sender, receiver, name, this.#load));
    } catch (error) {
      await receiver.close();
      throw error;
    }
    const receiving = this.#pairs.at(-1)?.receive() ?? Promise.resolve();
    // Whoever waits is told of a failure. Nobody does while a run ends.
    receiving.catch(() => undefined);
    this.#receiving.push(receiving);
  }

  /** Sends for the time, or until the user stops it. @throws what `send` and `messages` of the library throw */
  async send(): Promise<void> {
    const { stop } = this.#context;
    const ends = new AbortController();
    const end = () => ends.abort();
    const timer = setTimeout(end, this.#options.seconds * 1_000);
    stop.addEventListener('abort', end);
    const stalled = this.#stall(ends.signal);
    this.beganAt = performance.now();
    const tally = new Tally(this.beganAt);
    this.tally = tally;
    try {
      const sending = Promise.all(this.#pairs.map((pair) => pair.send(tally, ends.signal)));
      await Promise.race([...this.#receiving, sending, stalled.promise]);
    } finally {
      end();
      clearTimeout(timer);
      stalled.cancel();
      stop.removeEventListener('abort', end);
    }
  }

  /** Resolves when sending has ended, and there is no use in more patience with what is under way. */
  #stall(ends: AbortSignal): { readonly promise: Promise<void>; readonly cancel: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const promise = new Promise<void>((resolve) => {
      ends.addEventListener('abort', () => {
        let before = this.unfinished;
        timer = setInterval(() => {
          if (this.unfinished === before || this.#context.stop.aborted) resolve();
          before = this.unfinished;
        }, LAST_MESSAGES_MS);
      });
    });
    return { promise, cancel: () => clearInterval(timer) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#pairs.map((pair) => pair[Symbol.asyncDispose]()));
  }
}

/** Waits for the end of all, so that none is left behind. @throws the first failure */
async function all(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}
