/** Calls that wait for what the broker or a peer answers, by the id of what was asked. */
import { LimitError, type RestanteError } from '../errors.ts';
import type { Clock } from '../waits/clock.ts';
import { Pending, type Wait } from '../waits/pending.ts';
import type { Part } from './wire.ts';

/** The calls of one kind. */
export class Calls<T> implements Part {
  readonly #clock: Clock;
  readonly #limit: string;
  readonly #max: number;
  readonly #waiting = new Map<string, Pending<T>>();
  #ended: RestanteError | undefined;

  /** @param limit the name of the limit, for its error */
  constructor(clock: Clock, limit: string, max: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#max = max;
  }

  /**
   * Begins to wait.
   * @throws LimitError if there are too many, or what ended the client
   */
  begin(id: string, wait: Wait): Promise<T> {
    if (this.#ended !== undefined) throw this.#ended;
    if (this.#waiting.size >= this.#max) throw new LimitError(this.#limit, this.#max);
    const over = () => {
      this.#waiting.delete(id);
      wait.over?.();
    };
    const call = new Pending<T>(this.#clock, { ...wait, over });
    this.#waiting.set(id, call);
    return call.promise;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  resolve(id: string, value: T): void {
    this.#waiting.get(id)?.resolve(value);
  }

  reject(id: string, error: unknown): void {
    this.#waiting.get(id)?.reject(error);
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.#ended = error;
    for (const call of this.#waiting.values()) call.reject(error);
  }
}
