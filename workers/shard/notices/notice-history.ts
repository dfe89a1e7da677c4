/**
 * Who has been told what: a sender hears of a destination once, until the destination's state changes. What is dropped
 * after that is counted, and the counts are said every few seconds: no drop is silent for ever, and no notice is
 * traffic.
 */

import type { NewsKind } from '../../../src/shared/wire/events.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import { type Pair, Pairs } from './pairs.ts';

/** Pairs of sender and destination that are remembered; past it the older half is forgotten, and may be told again. */
export const MAX_TOLD = 65_536;
/**
 * Names that were known once, and whose being unknown is news to who was told so before; past it the older half goes.
 */
const MAX_FORGOTTEN = 4_096;
/** The epoch of a name nobody has ever known. A known name's is never this. */
export const UNKNOWN_EPOCH = 0;
/**
 * What one sender is told at most between two ticks. Past that nothing is looked up for it, and drops are only counted.
 */
export const MAX_NEWS_A_TICK = 64;
/** A tick is a second: how often counts are said. */
export const TICKS_BETWEEN_COUNTS = 5;
/** Pairs that are counted by name, of one sender and of all; past that they are counted by sender. */
export const MAX_COUNTED_NAMES_A_SENDER = 64;
const MAX_COUNTED_NAMES = 4_096;
/** Senders that are looked after between two words of counts. Each is a connection; past it they are not counted. */
const MAX_SENDERS = 65_536;

const NO_NAME = new Uint8Array(0);
/** The sender in pairs that are none. */
const NOBODY = 0;

/** Says that `more` messages were dropped, than was said before; 'others' has no name. */
export type SayMore = (sender: AttachmentNumber, kind: NewsKind | 'others', name: Uint8Array, more: number) => void;

/** What a sender has been told in this tick, and what is to be said of it. */
interface SenderNews {
  tick: number;
  told: number;
  /** Pairs with a count. */
  readonly counted: Pair[];
  /** Drops that are counted without a name. */
  others: number;
}

export class Told {
  readonly #sayMore: SayMore;
  readonly #pairs: Pairs;
  readonly #forgotten = new Pairs(MAX_FORGOTTEN);
  readonly #senders = new Map<AttachmentNumber, SenderNews>();
  #countedNames = 0;
  #tick = 0;
  /** The pair asked for last: a sender that floods one destination costs no look-up a message. */
  #last: Pair | undefined;

  constructor(sayMore: SayMore, max = MAX_TOLD) {
    this.#sayMore = sayMore;
    this.#pairs = new Pairs(max);
  }

  get size(): number {
    return this.#pairs.size;
  }

  /**
   * Whether `sender` is to be told of `name`, whose state is `epoch`; from then on it has been. Where it is not, and
   * mail was dropped, that is counted.
   */
  shouldTell(sender: AttachmentNumber, kind: NewsKind, name: Uint8Array, epoch: number): boolean {
    const last = this.#last;
    if (last !== undefined && last.epoch === epoch && last.is(sender, name)) return this.#again(last, kind);
    const news = this.#newsOf(sender);
    if (news === undefined) return false;
    if (news.told >= MAX_NEWS_A_TICK) {
      if (kind !== 'held') news.others++;
      return false;
    }
    const known = this.#pairs.find(sender, name);
    if (known?.epoch === epoch) {
      this.#last = known;
      return this.#again(known, kind);
    }
    this.#last = this.#pairs.set(sender, name, epoch);
    news.told++;
    return true;
  }

  /** Notes that a known name has become unknown: that is a new state, `epoch`. */
  forgotten(name: Uint8Array, epoch: number): void {
    this.#forgotten.set(NOBODY, name, epoch);
  }

  /** The epoch of a name that is unknown now. */
  unknownEpoch(name: Uint8Array): number {
    return this.#forgotten.size === 0 ? UNKNOWN_EPOCH : (this.#forgotten.find(NOBODY, name)?.epoch ?? UNKNOWN_EPOCH);
  }

  /** A second has passed: says the counts, if it is time for that. */
  tick(): void {
    this.#tick++;
    if (this.#tick % TICKS_BETWEEN_COUNTS !== 0) return;
    for (const [sender, news] of this.#senders) {
      for (const pair of news.counted) {
        this.#sayMore(sender, pair.kind, pair.name, pair.more);
        pair.more = 0;
        pair.listed = false;
      }
      if (news.others > 0) this.#sayMore(sender, 'others', NO_NAME, news.others);
    }
    this.#senders.clear();
    this.#countedNames = 0;
  }

  /** It has been told. @returns false */
  #again(pair: Pair, kind: NewsKind): false {
    if (kind === 'held') return false;
    if (pair.listed) pair.more++;
    else this.#beginCount(pair);
    pair.kind = kind;
    return false;
  }

  #beginCount(pair: Pair): void {
    const news = this.#newsOf(pair.sender);
    if (news === undefined) return;
    if (news.counted.length >= MAX_COUNTED_NAMES_A_SENDER || this.#countedNames >= MAX_COUNTED_NAMES) {
      news.others++;
      return;
    }
    news.counted.push(pair);
    this.#countedNames++;
    pair.listed = true;
    pair.more++;
  }

  #newsOf(sender: AttachmentNumber): SenderNews | undefined {
    let news = this.#senders.get(sender);
    if (news === undefined) {
      if (this.#senders.size >= MAX_SENDERS) return undefined;
      news = { tick: this.#tick, told: 0, counted: [], others: 0 };
      this.#senders.set(sender, news);
    } else if (news.tick !== this.#tick) {
      news.tick = this.#tick;
      news.told = 0;
    }
    return news;
  }
}
