/**
 * The swarm's books: which running number every sender gave every recipient, and what became of it.
 */
import type { SwarmTables } from '../../src/tools/swarm/task.ts';

/** Gaps that are remembered number by number; past that they are only counted, and are not seen to be filled. */
const MAX_REMEMBERED_GAPS = 1_000_000;

/**
 * What a number is to its recipient: the next; a later one, so that some are missing; one of those missing, behind its
 * order; one that came before; or one that was never given.
 */
export type Arrival = 'next' | 'ahead' | 'late' | 'repeated' | 'never sent';

export class Ledger {
  readonly #clients: number;
  readonly #sent: Uint32Array;
  readonly #highest: Uint32Array;
  /** By cell of `#highest`, the numbers below it that have not come. */
  readonly #gaps = new Map<number, Set<number>>();
  #remembered = 0;
  #unremembered = 0;

  constructor(clients: number, tables: SwarmTables) {
    this.#clients = clients;
    this.#sent = new Uint32Array(tables.sent);
    this.#highest = new Uint32Array(tables.highest);
  }

  /** Numbers that have not come, below the highest of their pair. */
  get missing(): number {
    return this.#remembered + this.#unremembered;
  }

  /** Gives the next running number of a pair, from 1. */
  nextNumber(sender: number, recipient: number): number {
    const cell = sender * this.#clients + recipient;
    const number = (this.#sent[cell] ?? 0) + 1;
    this.#sent[cell] = number;
    return number;
  }

  /** Books that `number` of `sender` has come to `recipient`. */
  arrived(sender: number, recipient: number, number: number): Arrival {
    // The sender's thread wrote this cell before it wrote to its socket, so it is never behind what arrives.
    if (number < 1 || number > (this.#sent[sender * this.#clients + recipient] ?? 0)) return 'never sent';
    const cell = recipient * this.#clients + sender;
    const highest = this.#highest[cell] ?? 0;
    if (number > highest) {
      this.#highest[cell] = number;
      if (number === highest + 1) return 'next';
      this.#skip(cell, highest + 1, number);
      return 'ahead';
    }
    if (!this.#gaps.get(cell)?.delete(number)) return 'repeated';
    this.#remembered--;
    return 'late';
  }

  /** The numbers from `first` up to but not `end` have been passed over. */
  #skip(cell: number, first: number, end: number): void {
    const room = Math.min(end - first, MAX_REMEMBERED_GAPS - this.#remembered);
    if (room > 0) {
      const gaps = this.#gaps.get(cell) ?? new Set<number>();
      this.#gaps.set(cell, gaps);
      for (let number = first; number < first + room; number++) gaps.add(number);
    }
    this.#remembered += room;
    this.#unremembered += end - first - room;
  }
}
