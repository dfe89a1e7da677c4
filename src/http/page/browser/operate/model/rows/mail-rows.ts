/** The mail of a name, in order. More of it is asked for when somebody comes near to the end of what is known. */
import type { MailPage, MailRow } from '../../api/answers.ts';
import { AskedRows } from './rows.ts';

type Ask = (path: string, question: { readonly signal: AbortSignal }) => Promise<MailPage>;

const PAGE_ROWS = 200;
/** So near to the end more is asked for. */
const NEAR_ROWS = 100;
/** More are not kept: who has read so far has other means. */
export const MAX_MAIL_ROWS = 10_000;

/** The path of a mailbox. */
export function mailPath(name: string): string {
  return `/v1/names/${encodeURIComponent(name)}/mail`;
}

export class MailRows extends AskedRows<MailRow> {
  readonly #name: string;
  readonly #ask: Ask;
  #rows: readonly MailRow[] = [];
  #hasMore = true;
  #inHands = 0;

  constructor(name: string, ask: Ask) {
    super();
    this.#name = name;
    this.#ask = ask;
    this.need(0, 0);
  }

  get total(): number {
    return this.#rows.length;
  }

  /** Whether there are more than are known. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Messages that a connection has, and that are not shown. */
  get inHands(): number {
    return this.#inHands;
  }

  at(index: number): MailRow | undefined {
    return this.#rows[index];
  }

  need(_first: number, last: number): void {
    if (this.isLoading || !this.#hasMore || last < this.#rows.length - NEAR_ROWS) return;
    if (this.#rows.length >= MAX_MAIL_ROWS) return;
    void this.run(async (signal) => {
      const query = new URLSearchParams({ limit: String(PAGE_ROWS) });
      const lastKnown = this.#rows.at(-1);
      if (lastKnown !== undefined) query.set('after', String(lastKnown.seq));
      try {
        const { messages, more, inHands } = await this.#ask(`${mailPath(this.#name)}?${query}`, { signal });
        this.#rows = [...this.#rows, ...messages];
        this.#inHands = inHands;
        // A page without messages would be asked for without an end.
        this.#hasMore = more && messages.length > 0;
      } catch (error) {
        this.#hasMore = false;
        throw error;
      }
    });
  }

  /** One that was purged is shown no more. */
  remove(seq: number): void {
    this.#rows = this.#rows.filter((row) => row.seq !== seq);
    this.changed();
    this.need(0, 0);
  }
}
