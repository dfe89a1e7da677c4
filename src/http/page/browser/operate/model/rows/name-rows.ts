/**
 * The names. The broker has them in no order, so they are sorted here: up to MAX_LOADED of them, and who looks for one
 * of more than that says how it begins.
 */
import type { NameRow, NamesAnswer } from '../../api/answers.ts';
import { AskedRows } from './rows.ts';

export type NameSort = 'name' | 'waiting' | 'bytes' | 'oldest';

/** Which names, and in which order. */
export interface NamesQuestion {
  readonly sort: NameSort;
  readonly order: 'asc' | 'desc';
  readonly prefix: string;
  readonly state: 'here' | 'away' | 'any';
  readonly waiting: boolean;
}

type Ask = (path: string, question: { readonly signal: AbortSignal }) => Promise<NamesAnswer>;

/** As many are loaded. */
export const MAX_LOADED = 10_000;
const PAGE_ROWS = 1_000;

export class NameRows extends AskedRows<NameRow> {
  readonly #ask: Ask;
  #order: Pick<NamesQuestion, 'sort' | 'order'>;
  #rows: NameRow[] = [];
  #hasMore = false;

  constructor(question: NamesQuestion, ask: Ask) {
    super();
    this.#ask = ask;
    this.#order = question;
    void this.run((signal) => this.#load(question, signal));
  }

  get total(): number {
    return this.#rows.length;
  }

  /** Whether there are more than are loaded at most. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  at(index: number): NameRow | undefined {
    return this.#rows[index];
  }

  need(): void {
    // All are loaded in any case.
  }

  /** Sorts what is there anew, and what is still awaited. */
  sort(by: Pick<NamesQuestion, 'sort' | 'order'>): void {
    this.#order = by;
    this.#sort();
  }

  #sort(): void {
    const { sort, order } = this.#order;
    const compare = COMPARE[sort];
    const sign = order === 'asc' ? 1 : -1;
    this.#rows = this.#rows.toSorted((a, b) => sign * compare(a, b) || byName(a, b));
    this.changed();
  }

  async #load({ prefix, state, waiting }: NamesQuestion, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ prefix, state, waiting: waiting ? 'yes' : 'no', limit: String(PAGE_ROWS) });
    const found: NameRow[] = [];
    for (;;) {
      const { names, more, next } = await this.#ask(`/v1/names?${query}`, { signal });
      found.push(...names);
      // The first ones are shown while the others are awaited, and all at the end: a list is not sorted ten times.
      const isOver = !more || next === null || found.length >= MAX_LOADED;
      if (isOver || this.#rows.length === 0) {
        this.#rows = found.slice(0, MAX_LOADED);
        this.#hasMore = isOver && (more || found.length > MAX_LOADED);
        this.#sort();
      }
      if (isOver) return;
      query.set('after', next);
    }
  }
}

const byName = (a: NameRow, b: NameRow) => (a.name < b.name ? -1 : Number(a.name > b.name));

const COMPARE: Readonly<Record<NameSort, (a: NameRow, b: NameRow) => number>> = {
  name: byName,
  waiting: (a, b) => a.waitingMessages - b.waitingMessages,
  bytes: (a, b) => a.waitingBytes - b.waitingBytes,
  oldest: (a, b) => a.oldestSeconds - b.oldestSeconds,
};
