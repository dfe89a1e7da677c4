/**
 * Messages that need not be delivered for ever: each has a time, or waits too long for HOLD_SECONDS. The clock of a
 * shard moves at its ticks. What must be true:
 * 1. No message is handed to a writer by a shard whose clock has reached its time.
 * 2. None is dropped by a shard whose clock has not reached it.
 * 3. SEARCH_SECONDS after its time, when nothing moves, it is delivered, in a writer's hands, or dropped and counted.
 *    It is not in the store then, and its sender was told.
 */
import { FRAME_BODY, type Frames, forEachFrame } from '../../../../src/shared/wire/frames/frames.ts';
import { expiryOf, NEVER } from '../../../../src/shared/wire/frames/message-head.ts';
import type { Disk } from '../../world/disk.ts';
import type { PostState } from '../../world/post-log.ts';
import { type Ledger, nameIn } from '../ledger.ts';
import { expiriesOn } from '../on-disk.ts';

/** A search through a small store waits a second after the one before, and the next tick is up to a second later. */
export const SEARCH_SECONDS = 2;

interface Times {
  /** It may be dropped from then on: for its own time, and because it is too old. */
  readonly expires: number;
  readonly tooOld: number;
  /** It must be dropped from then on, unless it is in a writer's hands. */
  readonly mustGo: number;
}

/** What is known of a world in which nothing moves. */
export interface Quiet {
  readonly now: number;
  readonly disk: Disk;
  /** The copies that were handed to a writer that is here. */
  readonly inHand: ReadonlySet<string>;
  /** How many messages were refused, and how many of this world were dropped because their time was over. */
  readonly refused: number;
  readonly dropped: number;
}

export class Expiry {
  readonly #ledger: Ledger;
  readonly #wantedReceipts: ReadonlyMap<string, string>;
  readonly #holdSeconds: number;
  readonly #times = new Map<string, Times>();
  /** When each copy may be too old at first. It may be sent again, and then a crash may bring the first one back. */
  readonly #tooOld = new Map<string, number>();
  #now = 0;
  /** How many of the messages that were dropped in this world had a receipt. */
  #seen = 0;
  /** How many drops there may have been in the whole life. */
  mayBeDropped = 0;

  constructor(ledger: Ledger, wantedReceipts: ReadonlyMap<string, string>, holdSeconds: number) {
    this.#ledger = ledger;
    this.#wantedReceipts = wantedReceipts;
    this.#holdSeconds = holdSeconds;
  }

  /** A copy was sent. @param heldAt the least time from which on it may be held */
  sent(key: string, expiry: number, heldAt: number): void {
    const before = this.#times.get(key);
    const { expires = NEVER, tooOld = NEVER, mustGo = expiry } = before ?? {};
    const times = {
      expires: Math.min(expires, expiry),
      tooOld: Math.min(tooOld, heldAt + this.#holdSeconds + 1),
      mustGo: Math.max(mustGo, expiry),
    };
    this.#times.set(key, times);
    this.#tooOld.set(key, Math.min(this.#tooOld.get(key) ?? NEVER, times.tooOld));
    // It may be taken a second time, if the first one was forgotten.
    if (before !== undefined || this.#ledger.mayBeGone(key)) this.mayBeDropped++;
    this.#note(key, times);
  }

  /** The time is `now`, or was since the last call. */
  pass(now: number): void {
    if (now === this.#now) return;
    this.#now = now;
    for (const [key, times] of this.#times) {
      if (this.#ledger.taken.has(key)) this.#times.delete(key);
      else this.#note(key, times);
    }
  }

  #note(key: string, { expires, tooOld }: Times): void {
    if (Math.min(expires, tooOld) > this.#now || this.#ledger.overdue.has(key)) return;
    this.#ledger.overdue.add(key);
    this.mayBeDropped++;
  }

  /** A crash has left these copies in the store. Those that are done with may be dropped all the same. */
  leftInStore(keys: Iterable<string>): void {
    const { overdue, taken } = this.#ledger;
    for (const key of keys) if (overdue.has(key) || taken.has(key)) this.mayBeDropped++;
  }

  /**
   * Whether any mail for the name may have been dropped, also of what was delivered and a crash has left in the store.
   */
  mayHaveDropped(name: string): boolean {
    if (this.#ledger.mayHaveDropped(name)) return true;
    const mayBe = ([key, tooOld]: [string, number]) =>
      nameIn(key) === name && tooOld <= this.#now && this.#ledger.mayComeAgain(key);
    return [...this.#tooOld].some(mayBe);
  }

  /** The next broker of this life has started. */
  begin(): void {
    this.#seen = 0;
    this.#now = 0;
  }

  /** Frames are handed to a writer. @throws if one is too late */
  handed(name: string, frames: Frames, { begun }: PostState): void {
    const { headers, bytes } = frames;
    forEachFrame(frames, (at, length, header) => {
      const expiry = expiryOf(headers[header + FRAME_BODY] as number, bytes, at, length);
      if (expiry <= begun) throw new Error(`a message for ${name} is delivered at ${begun}, and expired at ${expiry}`);
    });
  }

  /** A message that wants a receipt was dropped. @throws if it is too early */
  dropped(key: string, { headers, bytes }: Frames, { clock }: PostState): void {
    this.#seen++;
    const expiry = expiryOf(headers[FRAME_BODY] as number, bytes, 0, bytes.length);
    const tooOld = this.#tooOld.get(key) ?? 0;
    if (Math.min(expiry, tooOld) > clock)
      throw new Error(`${key} is dropped at ${clock}, and it expires at ${expiry}, or is too old at ${tooOld}`);
  }

  /** To be called when nothing moves, and SEARCH_SECONDS have passed in such a state. @throws if something is left */
  check({ now, disk, inHand, refused, dropped }: Quiet): void {
    const over = now - SEARCH_SECONDS;
    for (const { key, expiry } of expiriesOn(disk)) {
      if (expiry <= over && !inHand.has(key)) throw new Error(`${key} expired at ${expiry}, and is on disk at ${now}`);
    }
    const { taken, mayBeLost } = this.#ledger;
    const left = [...this.#times].flatMap(([key, { mustGo }]) =>
      mustGo > over || taken.has(key) || mayBeLost.has(key) || inHand.has(key) ? [] : [key],
    );
    const untold = left.filter((key) => this.#wantedReceipts.has(key));
    if (untold.length > refused) throw new Error(`${untold[0]} has expired, and no receipt says so`);
    const unseen = dropped - this.#seen;
    if (left.length > refused + unseen)
      throw new Error(`${left[0]} has expired: one of ${left.length}, and ${unseen} are counted without a receipt`);
  }
}

/** When a message expires, as it says in the part before its body. */
export function expiryIn(message: string): number {
  const expires = /^[^\t]*"expires":(\d+),\t/.exec(message)?.[1];
  return expires === undefined ? NEVER : Number(expires);
}
