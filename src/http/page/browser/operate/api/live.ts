/**
 * Follows the broker: the last ten minutes, and then each sample as it comes. When the stream breaks it says so, comes
 * back, and asks for what it has missed.
 */
import { Store } from '../../parts/store.ts';
import { Samples } from '../model/samples.ts';
import type { HistoryAnswer, Sample } from './answers.ts';
import { access, ask, open, Refused } from './client.ts';
import { eventsOf } from './events.ts';

/** Whether what is shown is what is. `polled`: all is asked for every few seconds, as no more may listen. */
export type Liveness = 'beginning' | 'live' | 'polled' | 'lost';

/** A broker that says nothing for this time is taken as lost. It sends a sample a second. */
const SILENT_MS = 8_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 5_000;
/** How often all is asked for where no more may listen. */
const POLL_MS = 5_000;

export class Live {
  readonly samples = new Samples();
  readonly liveness = new Store<Liveness>('beginning');
  readonly #end = new AbortController();
  #waitMs = FIRST_WAIT_MS;

  /** Follows until `end`. */
  async follow(): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        await this.#listen();
        this.liveness.set('lost');
      } catch (error) {
        if (this.#end.signal.aborted) return;
        await this.#failed(error);
      }
      await this.#wait();
    }
  }

  end(): void {
    this.#end.abort();
  }

  /** Reads the stream until it ends. */
  async #listen(): Promise<void> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), SILENT_MS);
    try {
      // The stream begins first: so no sample is missed between the two.
      const { body } = await open('/v1/live', { signal });
      await this.#askHistory(signal);
      this.liveness.set('live');
      this.#waitMs = FIRST_WAIT_MS;
      for await (const data of body === null ? [] : eventsOf(body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT_MS);
        this.samples.add(JSON.parse(data) as Sample);
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  async #failed(error: unknown): Promise<void> {
    const isFull = error instanceof Refused && error.code === 'LISTENERS_FULL';
    if (!isFull) {
      this.liveness.set('lost');
      return;
    }
    this.#waitMs = POLL_MS;
    try {
      await this.#askHistory(this.#end.signal);
      this.liveness.set('polled');
    } catch {
      this.liveness.set('lost');
    }
  }

  async #askHistory(signal: AbortSignal): Promise<void> {
    this.samples.fill((await ask<HistoryAnswer>('/v1/history', { signal })).samples);
  }

  /** Waits, the longer the more often it failed; or until somebody who may not ask may. */
  async #wait(): Promise<void> {
    const { signal } = this.#end;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const isAllowed = () => access.value.state === 'allowed';
      const done = () => {
        clearTimeout(timer);
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = access.follow(() => {
        if (isAllowed()) done();
      });
      const timer = setTimeout(() => {
        // Whoever has no token is not asked for the same again and again.
        if (isAllowed()) done();
      }, this.#waitMs);
      signal.addEventListener('abort', done);
    });
    this.#waitMs = Math.min(2 * this.#waitMs, MAX_WAIT_MS);
  }
}
