import type { LineClient } from '../../src/tools/client/line-client.ts';

/** One connection of a client. A late event of an old one is told by this, and ignored. */
export interface Visit {
  readonly client: LineClient;
  readonly sinceMs: number;
  connectedAtMs: number;
  /** What the broker said last that may be the reason for the end of the connection. */
  said: string | undefined;
}

/**
 * Connections whose name their client has taken over by another one. The broker must end each, and say so.
 */
export class TakenOver {
  readonly #violated: (what: string) => void;
  readonly #open = new Set<Visit>();

  /** @param violated is told what must not be, as the end of a sentence */
  constructor(violated: (what: string) => void) {
    this.#violated = violated;
  }

  add(visit: Visit): void {
    this.#open.add(visit);
  }

  has(visit: Visit): boolean {
    return this.#open.has(visit);
  }

  /** A line of the broker on one of them. Only the last one is of interest. */
  heard(visit: Visit, line: string): void {
    visit.said = line;
  }

  ended(visit: Visit): void {
    this.#open.delete(visit);
    if (visit.said?.includes('"code":"TAKEN_OVER"') !== true)
      this.#violated(`was not told that its name was taken over, but ${visit.said?.slice(0, 200)}`);
  }

  /** The client is gone: none of them may be open any more. */
  end(): void {
    if (this.#open.size > 0) this.#violated(`has ${this.#open.size} connections whose name was taken over`);
    for (const { client } of this.#open) client.destroy();
    this.#open.clear();
  }
}
