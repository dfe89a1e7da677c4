/**
 * How often a login may fail: by address, and by account. Whoever has logged in from an address before has a count of
 * its own there. So nobody keeps the owner of an account out by failing in its name from other addresses, or from its
 * address in other names. Whoever fails in its name and from its address does.
 */
import { addressKey } from '../../../shared/visitors/address-key.ts';
import type { BucketSize } from '../../../shared/visitors/bucket.ts';
import { Buckets } from './buckets.ts';

const MAX_KEYS = 10_000;
/** Ten at once, and then ten a minute. */
export const BY_ADDRESS: BucketSize = { units: 10, unitMs: 6_000 };
/** From all addresses together. */
export const BY_ACCOUNT: BucketSize = { units: 50, unitMs: 6_000 };
/** The memory of all of it: three tables and the accounts that are known, with long keys. */
export const FAILURES_BYTES = 4 * MAX_KEYS * 512;

/** Who tries to log in, and from where. */
export interface Attempt {
  readonly name: Uint8Array;
  readonly address: string | undefined;
}

export class Failures {
  readonly #addresses: Buckets;
  readonly #accounts: Buckets;
  /** By account and address, for those that have logged in there. */
  readonly #known: Buckets;
  /** The accounts with the addresses from which they have logged in; the latest last. */
  readonly #loggedIn = new Set<string>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#addresses = new Buckets(BY_ADDRESS, MAX_KEYS, now);
    this.#accounts = new Buckets(BY_ACCOUNT, MAX_KEYS, now);
    this.#known = new Buckets(BY_ADDRESS, MAX_KEYS, now);
  }

  /** @returns how many milliseconds a try must wait; 0 if it may be checked */
  waitMs({ name, address }: Attempt): number {
    const from = addressKey(address);
    const account = accountKey(name);
    const both = bothKey(from, account);
    if (this.#loggedIn.has(both)) return this.#known.waitMs(both);
    return Math.max(this.#addresses.waitMs(from), this.#accounts.waitMs(account));
  }

  /** Whether the account has logged in from the address before. */
  isKnown({ name, address }: Attempt): boolean {
    return this.#loggedIn.has(bothKey(addressKey(address), accountKey(name)));
  }

  fail({ name, address }: Attempt): void {
    const from = addressKey(address);
    const account = accountKey(name);
    this.#addresses.fail(from);
    this.#accounts.fail(account);
    if (this.#loggedIn.has(bothKey(from, account))) this.#known.fail(bothKey(from, account));
  }

  succeed({ name, address }: Attempt): void {
    const both = bothKey(addressKey(address), accountKey(name));
    this.#known.forget(both);
    this.#loggedIn.delete(both);
    this.#loggedIn.add(both);
    if (this.#loggedIn.size <= MAX_KEYS) return;
    const [oldest] = this.#loggedIn;
    if (oldest !== undefined) this.#loggedIn.delete(oldest);
  }
}

/** What stands for a name. It can be long, and as many names as there are can be tried. */
export function accountKey(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1').slice(0, 128);
}

function bothKey(from: string, account: string): string {
  return `${from} ${account}`;
}
