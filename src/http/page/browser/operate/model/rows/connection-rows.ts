/** The connections, in the order that the broker sorts them in. A page of them is asked for when it is looked at. */
import type { ConnectionRow, ConnectionsAnswer } from '../../api/answers.ts';
import { AskedRows } from './rows.ts';

export type ConnectionSort = 'since' | 'name' | 'waiting' | 'read' | 'written';

/** Which connections, and in which order. */
export interface ConnectionsQuestion {
  readonly sort: ConnectionSort;
  readonly order: 'asc' | 'desc';
  readonly name: string;
}

type Ask = (path: string, question: { readonly signal: AbortSignal }) => Promise<ConnectionsAnswer>;

const PAGE_ROWS = 200;
/** Pages that are kept; the one that was asked for first goes first. */
const MAX_PAGES = 60;

export class ConnectionRows extends AskedRows<ConnectionRow> {
  readonly #question: ConnectionsQuestion;
  readonly #ask: Ask;
  readonly #pages = new Map<number, readonly ConnectionRow[]>();
  readonly #asked = new Set<number>();
  #total = 0;

  constructor(question: ConnectionsQuestion, ask: Ask) {
    super();
    this.#question = question;
    this.#ask = ask;
    this.#load(0);
  }

  get total(): number {
    return this.#total;
  }

  at(index: number): ConnectionRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  need(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE_ROWS); page <= Math.floor(last / PAGE_ROWS); page++) {
      if (!this.#pages.has(page) && !this.#asked.has(page)) this.#load(page);
    }
  }

  #load(page: number): void {
    this.#asked.add(page);
    void this.run(async (signal) => {
      const query = new URLSearchParams({
        ...this.#question,
        limit: String(PAGE_ROWS),
        offset: String(page * PAGE_ROWS),
      });
      const { total, connections } = await this.#ask(`/v1/connections?${query}`, { signal });
      this.#total = total;
      this.#keep(page, connections);
      // A page that was not answered stays asked for: it would be asked for again and again.
      this.#asked.delete(page);
    });
  }

  #keep(page: number, rows: readonly ConnectionRow[]): void {
    this.#pages.set(page, rows);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
  }
}
