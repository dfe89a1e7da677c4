/**
 * Remembers what each sender was told of each destination. A sender is told the same news once, until the state of the
 * destination changes. Messages that are dropped after that are counted, and the counts are sent every few seconds. So
 * every drop is reported in the end, and the number of notices is bounded.
 */
import type { NewsKind } from '../../../src/shared/wire/events.ts';
import type { AttachmentNumber } from '../../../src/shared/wire/records.ts';
import { type Pair, Pairs } from './pairs.ts';

/**
 * So many pairs of sender and destination are remembered. Beyond that the older half is forgotten, and news may be sent
 * a second time.
 */
export const MAX_PAIRS = 65_536;
/**
 * So many names are remembered that were known and then forgotten. "Unknown" is news again for such a name, even to a
 * sender that was told so before. Beyond this number the older half is forgotten.
 */
const MAX_FORGOTTEN = 4_096;
/** The state version of a name that was never known. No known name has it. */
export const UNKNOWN_VERSION = 0;
/** So much news is sent to one sender between two ticks. Beyond that its drops are only counted, without a look-up. */
export const MAX_NEWS_A_TICK = 64;
/** How often counts are sent. A tick is a second. */
export const TICKS_BETWEEN_COUNTS = 5;
/**
 * So many pairs have a count of their own, for one sender and for all senders. Beyond that drops are counted by sender.
 */
export const MAX_COUNTED_NAMES_A_SENDER = 64;
const MAX_COUNTED_NAMES = 4_096;
/** So many senders have counts at a time. Each of them is a connection. */
const MAX_SENDERS = 65_536;

const NO_NAME = new Uint8Array(0);
/** The sender in `#forgotten`, where only the name matters. */
const NOBODY = 0;

/** Sends a count: `more` messages were dropped since the last notice. With the kind 'others' there is no name. */
export type SendCount = (sender: AttachmentNumber, kind: NewsKind | 'others', name: Uint8Array, more: number) => void;

/** The news that one sender was sent in this tick, and its counts. */
interface SenderNews {
  tick: number;
  told: number;
  /** Pairs whose counts are due. */
  readonly counted: Pair[];
  /** Drops that are counted without a name. */
  others: number;
}

export class NoticeHistory {
  readonly #sendCount: SendCount;
  readonly #pairs: Pairs;
  readonly #forgotten = new Pairs(MAX_FORGOTTEN);
  readonly #senders = new Map<AttachmentNumber, SenderNews>();
  #countedNames = 0;
  #tick = 0;
  /** The pair of the last call. With it a sender that floods one destination costs no look-up for each message. */
  #last: Pair | undefined;

  constructor(sendCount: SendCount, max = MAX_PAIRS) {
    this.#sendCount = sendCount;
    this.#pairs = new Pairs(max);
  }

  /** How many pairs of sender and destination are remembered. */
  get size(): number {
    return this.#pairs.size;
  }

  /**
   * Whether the news of `name`, whose state has this version, is to be sent to `sender`. If so, that is remembered. If
   * not, and the message was dropped, the drop is counted.
   */
  shouldNotify(sender: AttachmentNumber, kind: NewsKind, name: Uint8Array, version: number): boolean {
    const last = this.#last;
    if (last !== undefined && last.stateVersion === version && last.is(sender, name)) return this.#again(last, kind);
    const news = this.#newsOf(sender);
    if (news === undefined) return false;
    if (news.told >= MAX_NEWS_A_TICK) {
      if (kind !== 'held') news.others++;
      return false;
    }
    const known = this.#pairs.find(sender, name);
    if (known?.stateVersion === version) {
      this.#last = known;
      return this.#again(known, kind);
    }
    this.#last = this.#pairs.set(sender, name, version);
    news.told++;
    return true;
  }

  /** A known name is no longer known. That is a new state of it. */
  forgotten(name: Uint8Array, version: number): void {
    this.#forgotten.set(NOBODY, name, version);
  }

  /** The state version of a name that is not known. */
  unknownVersion(name: Uint8Array): number {
    return this.#forgotten.size === 0
      ? UNKNOWN_VERSION
      : (this.#forgotten.find(NOBODY, name)?.stateVersion ?? UNKNOWN_VERSION);
  }

  /** Called once a second. Sends the counts when they are due. */
  tick(): void {
    this.#tick++;
    if (this.#tick % TICKS_BETWEEN_COUNTS !== 0) return;
    for (const [sender, news] of this.#senders) {
      for (const pair of news.counted) {
        this.#sendCount(sender, pair.kind, pair.name, pair.more);
        pair.more = 0;
        pair.listed = false;
      }
      if (news.others > 0) this.#sendCount(sender, 'others', NO_NAME, news.others);
    }
    this.#senders.clear();
    this.#countedNames = 0;
  }

  /** The sender was told this already: a drop is only counted. */
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
