/**
 * The ledger of the swarm. Each message from a sender to a recipient has a running number, and the ledger knows which
 * numbers were sent, which have arrived, and which are in doubt.
 */
import type { Settlement, SwarmTables } from '../../src/tools/swarm/task.ts';

/**
 * So many missing numbers are remembered one by one. Beyond that they are only counted, and a late arrival is not
 * noticed.
 */
const MAX_REMEMBERED_GAPS = 1_000_000;

/**
 * What a number is to its recipient:
 * - `next`: the number after the highest so far.
 * - `ahead`: a higher one, so that some before it are missing.
 * - `late`: one of the missing numbers, out of order.
 * - `repeated`: a number that has arrived before.
 * - `never sent`: a number that the sender has not used.
 */
export type Arrival = 'next' | 'ahead' | 'late' | 'repeated' | 'never sent';

const NOBODY: ReadonlySet<number> = new Set();

export class Ledger {
  readonly #clients: number;
  readonly #sent: Uint32Array;
  readonly #highest: Uint32Array;
  readonly #inFlight: Int32Array;
  /** By cell of `#sent`: the numbers in doubt, in order. */
  readonly #doubtful = new Map<number, number[]>();
  /** By sender: the recipients to which a message in doubt is the last that was sent. */
  readonly #unresolved = new Map<number, Set<number>>();
  /** By cell of `#highest`: the numbers below the highest that have not arrived. */
  readonly #gaps = new Map<number, Set<number>>();
  #remembered = 0;
  #unremembered = 0;

  constructor(clients: number, tables: SwarmTables) {
    this.#clients = clients;
    this.#sent = new Uint32Array(tables.sent);
    this.#highest = new Uint32Array(tables.highest);
    this.#inFlight = new Int32Array(tables.inFlight);
  }

  /** How many numbers below the highest of their pair have not arrived. */
  get missing(): number {
    return this.#remembered + this.#unremembered;
  }

  /** Whether a message in doubt is the last of its sender to its recipient. */
  get hasUnresolved(): boolean {
    return [...this.#unresolved.values()].some((recipients) => recipients.size > 0);
  }

  /** What is known at the end. */
  get settlement(): Settlement {
    return { gaps: this.#gaps, unremembered: this.#unremembered, doubtful: this.#doubtful };
  }

  /** How many messages are on their way to a recipient, or held for it. */
  inFlight(recipient: number): number {
    return Atomics.load(this.#inFlight, recipient);
  }

  /** The next running number of a pair. The first is 1. */
  nextNumber(sender: number, recipient: number): number {
    const cell = sender * this.#clients + recipient;
    const number = (this.#sent[cell] ?? 0) + 1;
    this.#sent[cell] = number;
    Atomics.add(this.#inFlight, recipient, 1);
    this.#unresolved.get(sender)?.delete(recipient);
    return number;
  }

  /** Records that `number` may never arrive: its sender does not know what became of it. */
  doubt(sender: number, recipient: number, number: number): void {
    const cell = sender * this.#clients + recipient;
    const numbers = this.#doubtful.get(cell) ?? [];
    this.#doubtful.set(cell, numbers);
    numbers.push(number);
    if (this.#sent[cell] !== number) return;
    const recipients = this.#unresolved.get(sender) ?? new Set<number>();
    this.#unresolved.set(sender, recipients);
    recipients.add(recipient);
  }

  /**
   * The recipients to which a message in doubt is the last that `sender` sent. When a later one arrives, the one in
   * doubt has arrived, or never will.
   */
  unresolved(sender: number): ReadonlySet<number> {
    return this.#unresolved.get(sender) ?? NOBODY;
  }

  /** Records that `number` of `sender` has arrived at `recipient`. */
  arrived(sender: number, recipient: number, number: number): Arrival {
    // The sender's thread writes this cell before it writes to its socket, so the cell is never behind the arrivals.
    if (number < 1 || number > (this.#sent[sender * this.#clients + recipient] ?? 0)) return 'never sent';
    const cell = recipient * this.#clients + sender;
    const highest = this.#highest[cell] ?? 0;
    if (number > highest) {
      this.#highest[cell] = number;
      Atomics.sub(this.#inFlight, recipient, number - highest);
      if (number === highest + 1) return 'next';
      this.#skip(cell, highest + 1, number);
      return 'ahead';
    }
    if (!this.#gaps.get(cell)?.delete(number)) return 'repeated';
    this.#remembered--;
    return 'late';
  }

  /** Records the numbers in [`first`, `end`) as missing. */
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
