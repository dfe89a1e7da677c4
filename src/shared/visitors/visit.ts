/**
 * What one connection counts to: its address, and its account once it has proved its name. It counts what the session
 * reads, and says when that is too much: then the session reads no more until the buckets have room. What was read is
 * paid for afterwards, so nothing that was read is thrown away, and who has read much waits long. A session that has to
 * wait again and again, for as long as the rates have patience, ends: its peer may have left long ago, and who does not
 * read cannot see that.
 */
import type { Member } from './crowd.ts';
import type { Limiter, NotLetIn, Rates, SlowedBy } from './rates.ts';

/** A wait is no shorter, so that a fast session does not wait a thousand times a second. */
const LEAST_WAIT_MS = 20;
/** A session that is slowed again and again is told, and counted, once in this time. */
export const TELL_EVERY_MS = 60_000;
/** A session that goes on for so long and need not wait has kept to its rate. */
export const KEPT_TO_MS = 1_000;

const LIMITERS: readonly Limiter[] = ['address', 'account'];

/** What reads for the session. */
interface Paced {
  /** From now on asks the visit how fast it may go on. @param pace undefined: as fast as it can */
  keepPace(pace: Visit | undefined): void;
}

/** Its session. */
interface Slowed {
  /** It was slowed all the time, for as long as it may be. */
  slowedForLong(seconds: number): void;
}

/** The visit of one connection. */
export class Visit {
  readonly address: string | undefined;
  readonly #rates: Rates;
  readonly #members: Record<Limiter, Member | undefined> = { address: undefined, account: undefined };
  #account: string | undefined;
  #reader: Paced | undefined;
  #session: Slowed | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  /**
   * Whether it has done anything since it last waited. Otherwise it need not wait again, although others have filled
   * its buckets meanwhile: so each has its turn.
   */
  #owes = true;
  #hurries = false;
  #cancel: (() => void) | undefined;
  #slowedSince = 0;
  #waitedUntil = Number.NEGATIVE_INFINITY;

  constructor(rates: Rates, address: string | undefined) {
    this.#rates = rates;
    this.address = address;
  }

  /** It has come, and counts to its address. */
  enter(key: string): void {
    this.#members.address = this.#rates.crowds.address.enter(key);
  }

  /** Its peer has proved the name of an account. @returns why it may not stay; undefined if it may */
  prove(account: string): NotLetIn | undefined {
    const crowd = this.#rates.crowds.account;
    this.#account = account;
    if (!crowd.limits) return undefined;
    const refused = crowd.refusal(account);
    if (refused !== undefined) return { ...refused, by: 'account' };
    this.#members.account = crowd.enter(account);
    this.#setPace();
    return undefined;
  }

  /** The limits have changed. */
  renew(): void {
    const { crowds } = this.#rates;
    this.#count('address', this.#rates.keyOf(this.address));
    this.#count('account', crowds.account.limits ? this.#account : undefined);
    this.#setPace();
  }

  /** Its session begins. @param reader is told, now and later, whether it must ask */
  pace(reader: Paced, session: Slowed): void {
    this.#reader = reader;
    this.#session = session;
    this.#setPace();
  }

  /** A session that never has to wait is spared all questions. */
  #setPace(): void {
    const { crowds } = this.#rates;
    const slows = LIMITERS.some((limiter) => this.#members[limiter] !== undefined && crowds[limiter].slows);
    this.#reader?.keepPace(slows ? this : undefined);
  }

  #count(limiter: Limiter, key: string | undefined): void {
    const crowd = this.#rates.crowds[limiter];
    const member = this.#members[limiter];
    if ((member === undefined) === (key === undefined)) return;
    if (member !== undefined) crowd.leave(member);
    this.#members[limiter] = key === undefined ? undefined : crowd.join(key);
  }

  /** The connection is gone. */
  leave(): void {
    this.forget();
    for (const limiter of LIMITERS) this.#count(limiter, undefined);
  }

  /** Bytes were read. */
  read(bytes: number): void {
    this.#add('bytes', bytes);
  }

  /** A message was sent on. @returns whether its session must wait now */
  sent(): boolean {
    this.#add('messages', 1);
    return this.waitMs > 0;
  }

  #add(what: 'messages' | 'bytes', units: number): void {
    const { crowds, now } = this.#rates;
    const at = now();
    this.#owes = true;
    for (const limiter of LIMITERS) this.#members[limiter]?.[what].add(units, crowds[limiter].sizes[what], at);
  }

  /** @returns how long it must wait, in milliseconds; 0 if it need not */
  get waitMs(): number {
    return this.#owes && !this.#hurries ? this.#longest.ms : 0;
  }

  /** Nothing more will come: it still counts what it does, but does not wait for it any more. */
  hurry(): void {
    this.#hurries = true;
  }

  get #longest(): { readonly ms: number; readonly by: SlowedBy } {
    const { crowds, now } = this.#rates;
    const at = now();
    let longest: { ms: number; by: SlowedBy } = { ms: 0, by: 'address_messages' };
    for (const limiter of LIMITERS) {
      for (const what of ['messages', 'bytes'] as const) {
        const ms = this.#members[limiter]?.[what].waitMs(0, crowds[limiter].sizes[what], at) ?? 0;
        if (ms > longest.ms) longest = { ms, by: `${limiter}_${what}` };
      }
    }
    return longest;
  }

  /** Calls `resume` once, when there is room again. @returns whether the peer is to be told */
  waitFor(resume: () => void): boolean {
    const { ms, by } = this.#longest;
    this.#owes = false;
    const now = this.#rates.now();
    const waitMs = Math.max(LEAST_WAIT_MS, ms);
    const leftMs = this.#patienceMs(now);
    this.#cancel = leftMs < waitMs ? this.#startEnd(leftMs) : this.#startWait(waitMs, resume);
    if (now - this.#toldAt < TELL_EVERY_MS) return false;
    this.#toldAt = now;
    this.#rates.countSlowed(by);
    return true;
  }

  /** For how long it may still be slowed all the time. */
  #patienceMs(now: number): number {
    if (now - this.#waitedUntil >= KEPT_TO_MS) this.#slowedSince = now;
    return Math.max(0, this.#slowedSince + this.#rates.patienceSeconds * 1_000 - now);
  }

  #startWait(ms: number, resume: () => void): () => void {
    return this.#rates.startTimer(ms, () => {
      this.#cancel = undefined;
      this.#waitedUntil = this.#rates.now();
      resume();
    });
  }

  /** Also without patience its session ends a little later, because the reader is in the middle of a step. */
  #startEnd(ms: number): () => void {
    return this.#rates.startTimer(ms, () => {
      this.#cancel = undefined;
      this.#session?.slowedForLong(this.#rates.patienceSeconds);
    });
  }

  /** Withdraws `resume`, which is not called any more then. */
  forget(): void {
    if (this.#cancel === undefined) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#waitedUntil = this.#rates.now();
  }
}
