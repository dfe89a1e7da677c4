/**
 * Who sends to whom. Peers stand in groups of `fan`, and a message goes to all peers of one group; with a fan of 1 a
 * group is one peer. Each sender goes round the same few groups in an order that looks random, so that a pair's
 * messages can be told from their numbers alone, and the tables of a receiver stay small with thousands of peers.
 */

/** Groups that one sender writes to, at most. A prime: no rhythm of batches falls in step with it. */
const MAX_SLOTS = 61;
/** Far from each other, so that neighbours do not send to neighbours at the same time. */
const PHASE_STEP = 23;
const OFFSET_STEP = 1_009;

export class Route {
  readonly connections: number;
  readonly fan: number;
  readonly groups: number;
  /** Groups of one sender; its messages `n` and `n + slots` go to the same one. */
  readonly slots: number;
  readonly #offsets: Int32Array;

  /**
   * @param connections a multiple of `fan`
   * @param ring each sends to the next group alone
   */
  constructor(connections: number, fan: number, ring = false) {
    this.connections = connections;
    this.fan = fan;
    this.groups = connections / fan;
    const others = Math.max(1, this.groups - 1);
    this.slots = ring ? 1 : Math.min(others, MAX_SLOTS);
    this.#offsets = Int32Array.from({ length: this.slots }, (_, slot) => this.#offset(slot, others));
  }

  /** Which group gets message `number` of `sender`. */
  group(sender: number, number: number): number {
    const own = Math.floor(sender / this.fan);
    return (own + (this.#offsets[this.slot(sender, number)] as number)) % this.groups;
  }

  slot(sender: number, number: number): number {
    return (number + sender * PHASE_STEP) % this.slots;
  }

  /** The first number of `sender` that falls into `slot`. */
  firstNumber(sender: number, slot: number): number {
    return (((slot - sender * PHASE_STEP) % this.slots) + this.slots) % this.slots;
  }

  /** Slots have different offsets, and none leads to the sender's own group unless that is the only one. */
  #offset(slot: number, others: number): number {
    if (this.groups === 1) return 0;
    const step = greatestCommonDivisor(OFFSET_STEP, others) === 1 ? OFFSET_STEP : 1;
    return 1 + ((slot * step) % others);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
