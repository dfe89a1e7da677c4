/**
 * How much each address and each account may do: it lets connections in, and counts what it refuses and slows down.
 * Addresses of this machine have no limit, unless a setting says so.
 */
import type { StartTimer } from '../common/timer.ts';
import { addressKey } from './address-key.ts';
import { type Allowed, Crowd, type Refused } from './crowd.ts';
import { isLoopback } from './loopback.ts';
import { Visit } from './visit.ts';

/** What limits somebody. */
export type Limiter = 'address' | 'account';
/** The limits by which sessions are slowed, as metric labels. */
export type SlowedBy = `${Limiter}_${'messages' | 'bytes'}`;
/** Why a connection is not let in, and by which limits. */
export type NotLetIn = Refused & { readonly by: Limiter };

/** The limits. */
export interface RateSettings {
  readonly address: Allowed;
  readonly account: Allowed;
  /** For how long a session may be slowed all the time; `Infinity` is no limit. */
  readonly patienceSeconds: number;
  /** Whether addresses of this machine have limits, too. */
  readonly onLoopback: boolean;
}

/** The time. */
interface Clock {
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  readonly startTimer: StartTimer;
}

/** The rates of one broker. */
export class Rates {
  /** `http` has the addresses of connections of HTTP, which are no sessions. */
  readonly crowds: { readonly address: Crowd; readonly account: Crowd; readonly http: Crowd };
  /** How many sessions were slowed; one counts when it is told. */
  readonly slowed = new Map<SlowedBy, number>();
  readonly now: () => number;
  readonly startTimer: StartTimer;
  #onLoopback: boolean;
  #patienceSeconds: number;

  constructor({ address, account, onLoopback, patienceSeconds }: RateSettings, { now, startTimer }: Clock) {
    this.now = now;
    this.startTimer = startTimer;
    const http = new Crowd(connectionsAlone(address), now);
    this.crowds = { address: new Crowd(address, now), account: new Crowd(account, now), http };
    this.#onLoopback = onLoopback;
    this.#patienceSeconds = patienceSeconds;
  }

  get patienceSeconds(): number {
    return this.#patienceSeconds;
  }

  /** A connection wants to come in. @returns its visit, or why it may not come */
  enter(address: string | undefined): Visit | NotLetIn {
    const key = this.keyOf(address);
    if (key === undefined) return new Visit(this, address);
    const refused = this.crowds.address.refusal(key);
    if (refused !== undefined) return { ...refused, by: 'address' };
    const visit = new Visit(this, address);
    visit.enter(key);
    return visit;
  }

  /** What an address counts as among those of sessions, or of HTTP. @returns undefined if it has no limit */
  keyOf(address: string | undefined, among: 'address' | 'http' = 'address'): string | undefined {
    if (!this.crowds[among].limits || (!this.#onLoopback && isLoopback(address))) return undefined;
    return addressKey(address);
  }

  /** Goes over to other limits. Each open visit must be told, by `renew`. */
  take({ address, account, onLoopback, patienceSeconds }: RateSettings): void {
    this.crowds.address.allow(address);
    this.crowds.account.allow(account);
    this.crowds.http.allow(connectionsAlone(address));
    this.#onLoopback = onLoopback;
    this.#patienceSeconds = patienceSeconds;
  }

  countSlowed(by: SlowedBy): void {
    this.slowed.set(by, (this.slowed.get(by) ?? 0) + 1);
  }
}

/** What a connection of HTTP carries counts with its sessions. */
function connectionsAlone(address: Allowed): Allowed {
  return { ...address, messagesASecond: Number.POSITIVE_INFINITY, bytesASecond: Number.POSITIVE_INFINITY };
}
