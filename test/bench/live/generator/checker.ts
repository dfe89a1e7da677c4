/**
 * Checks what is delivered: that each message is what its sender wrote, came to a peer it was for, and that the numbers
 * between each pair of peers rise without a gap.
 */
import { hasAt } from './bytes.ts';
import { fillIsSound, numberOf, senderOf, timeOf } from './payload.ts';
import type { Envelope } from './protocols/protocol.ts';
import type { Route } from './route.ts';

/** Missing numbers that are remembered to tell late messages from repeated ones. */
const MAX_REMEMBERED = 100_000;
const MAX_EXAMPLES = 5;
const SHOWN_BYTES = 160;

/** Deliveries that were wrong, by kind; `lost` is known only when all is over. */
export interface Wrong {
  changed: number;
  repeated: number;
  disordered: number;
  lost: number;
  readonly examples: string[];
}

/** Nothing was wrong yet. */
export function noneWrong(): Wrong {
  return { changed: 0, repeated: 0, disordered: 0, lost: 0, examples: [] };
}

/** The delivery that was checked last is not one: it counts for no sender. */
export const NO_SENDER = -1;

export class Checker {
  /** Deliveries that were whole and for the peer that got them, each counted once. */
  delivered = 0;
  readonly wrong = noneWrong();
  /** Bytes of a delivery. */
  readonly frameBytes: number;
  readonly payloadAt: number;
  readonly #route: Route;
  readonly #envelope: Envelope;
  readonly #payloadBytes: number;
  /** How many messages each sender has sent: no higher number can come. */
  readonly #sent: Int32Array;
  /** The next number of each sender, slot and member of the group. */
  readonly #next: Int32Array;
  readonly #missing = new Set<string>();

  constructor(route: Route, envelope: Envelope, payloadBytes: number, sent: Int32Array) {
    this.#route = route;
    this.#envelope = envelope;
    this.#payloadBytes = payloadBytes;
    this.#sent = sent;
    this.payloadAt = envelope.heads[0]?.length ?? 0;
    this.frameBytes = this.payloadAt + payloadBytes + envelope.tail.length;
    this.#next = firstNumbers(route);
  }

  /**
   * Takes one delivery.
   * @returns its sender if it counts as delivered, else `NO_SENDER`
   */
  take(bytes: Buffer, at: number, receiver: number): number {
    const payload = at + this.payloadAt;
    const sender = senderOf(bytes, payload);
    const number = numberOf(bytes, payload);
    if (!this.#isSound(bytes, at, receiver, sender, number)) {
      this.wrong.changed++;
      this.#say(`to peer ${receiver} came ${JSON.stringify(bytes.toString('latin1', at, at + SHOWN_BYTES))}`);
      return NO_SENDER;
    }
    if (!this.#isNew(receiver, sender, number)) return NO_SENDER;
    this.delivered++;
    return sender;
  }

  /** Counts what was sent and has not come. */
  finish(): Wrong {
    let sent = 0;
    for (const count of this.#sent) sent += count;
    const expected = sent * this.#route.fan;
    this.wrong.lost = Math.max(0, expected - this.delivered);
    if (this.wrong.lost > 0) this.#say(`${this.delivered} of ${expected} deliveries came`);
    return this.wrong;
  }

  #isSound(bytes: Buffer, at: number, receiver: number, sender: number, number: number): boolean {
    if (!(sender >= 0 && sender < this.#route.connections)) return false;
    if (!(number >= 0 && number < (this.#sent[sender] as number))) return false;
    const group = this.#route.group(sender, number);
    if (group !== Math.floor(receiver / this.#route.fan)) return false;
    const { heads, headOf, tail } = this.#envelope;
    const payload = at + this.payloadAt;
    return (
      hasAt(bytes, at, heads[headOf === 'sender' ? sender : group] as Buffer) &&
      hasAt(bytes, payload + this.#payloadBytes, tail) &&
      fillIsSound(bytes, payload, this.#payloadBytes, sender, number, timeOf(bytes, payload))
    );
  }

  #isNew(receiver: number, sender: number, number: number): boolean {
    const { fan, slots } = this.#route;
    const index = (sender * slots + this.#route.slot(sender, number)) * fan + (receiver % fan);
    const expected = this.#next[index] as number;
    if (number < expected) return this.#isLate(receiver, sender, number);
    for (let gap = expected; gap < number; gap += slots) this.#miss(receiver, sender, gap);
    this.#next[index] = number + slots;
    return true;
  }

  #miss(receiver: number, sender: number, number: number): void {
    if (this.#missing.size < MAX_REMEMBERED) this.#missing.add(`${receiver} ${sender} ${number}`);
  }

  #isLate(receiver: number, sender: number, number: number): boolean {
    const late = this.#missing.delete(`${receiver} ${sender} ${number}`);
    if (late) this.wrong.disordered++;
    else this.wrong.repeated++;
    this.#say(`number ${number} of peer ${sender} came to peer ${receiver} ${late ? 'too late' : 'again'}`);
    return late;
  }

  #say(example: string): void {
    if (this.wrong.examples.length < MAX_EXAMPLES) this.wrong.examples.push(example);
  }
}

function firstNumbers(route: Route): Int32Array {
  const { connections, slots, fan } = route;
  const first = new Int32Array(connections * slots * fan);
  for (let sender = 0; sender < connections; sender++) {
    for (let slot = 0; slot < slots; slot++) {
      const at = (sender * slots + slot) * fan;
      first.fill(route.firstNumber(sender, slot), at, at + fan);
    }
  }
  return first;
}
