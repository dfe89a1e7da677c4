/** All addresses, those of HTTP, or all accounts: what each has open, and how much each has done lately. */
import { Bucket, type BucketSize, bucketOf } from './bucket.ts';

/**
 * How many are remembered that have nothing open, and whose buckets are not empty yet. Beyond it the one that left
 * first is forgotten, and may begin with empty buckets. Nobody is refused instead: whoever has so many addresses is not
 * held up by limits of one, and could then keep all others out.
 */
export const MAX_REMEMBERED = 10_000;
/** The memory of those that are remembered: three crowds, with long keys. */
export const CROWDS_BYTES = 3 * MAX_REMEMBERED * 768;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** What one address, or one account, may do. `Infinity` is no limit. */
export interface Allowed {
  readonly connections: number;
  readonly connectionsAMinute: number;
  readonly messagesASecond: number;
  readonly bytesASecond: number;
  /** What a second gives is given for so many seconds at once. */
  readonly burstSeconds: number;
}

/** The same as buckets. */
interface Sizes {
  readonly connections: number;
  readonly arrivals: BucketSize;
  readonly messages: BucketSize;
  readonly bytes: BucketSize;
}

/** Why a connection is not let in. */
export type Refused =
  | { readonly why: 'too many'; readonly max: number }
  | { readonly why: 'too often'; readonly seconds: number };

/** One address, or one account. */
export interface Member {
  readonly key: string;
  connections: number;
  readonly arrivals: Bucket;
  readonly messages: Bucket;
  readonly bytes: Bucket;
}

function sizesOf(allowed: Allowed): Sizes {
  const { connections, connectionsAMinute, messagesASecond, bytesASecond, burstSeconds } = allowed;
  return {
    connections,
    arrivals: bucketOf(connectionsAMinute, MINUTE_MS, connectionsAMinute),
    messages: bucketOf(messagesASecond, SECOND_MS, messagesASecond * burstSeconds),
    bytes: bucketOf(bytesASecond, SECOND_MS, bytesASecond * burstSeconds),
  };
}

export class Crowd {
  #sizes: Sizes;
  readonly #now: () => number;
  /** Those that have a connection. There are no more than connections. */
  readonly #present = new Map<string, Member>();
  /** Those that have none, the one that left first is first. */
  readonly #remembered = new Map<string, Member>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(allowed: Allowed, now: () => number) {
    this.#sizes = sizesOf(allowed);
    this.#now = now;
  }

  get sizes(): Sizes {
    return this.#sizes;
  }

  /** Goes over to other limits. What was counted stays. */
  allow(allowed: Allowed): void {
    this.#sizes = sizesOf(allowed);
  }

  /** How many are known. */
  get known(): number {
    return this.#present.size + this.#remembered.size;
  }

  /** Whether anything is limited. */
  get limits(): boolean {
    return Number.isFinite(this.sizes.connections) || this.sizes.arrivals.unitMs > 0 || this.slows;
  }

  /** Whether sessions may have to wait. */
  get slows(): boolean {
    return this.sizes.messages.unitMs > 0 || this.sizes.bytes.unitMs > 0;
  }

  /** @returns why a connection may not come now; undefined if it may. A refused one is not counted */
  refusal(key: string): Refused | undefined {
    const { connections: max, arrivals } = this.sizes;
    const member = this.#find(key);
    if (member === undefined) return undefined;
    if (member.connections >= max) return { why: 'too many', max };
    const waitMs = member.arrivals.waitMs(1, arrivals, this.#now());
    return waitMs > 0 ? { why: 'too often', seconds: Math.ceil(waitMs / SECOND_MS) } : undefined;
  }

  /** A connection has come. */
  enter(key: string): Member {
    const member = this.join(key);
    member.arrivals.add(1, this.sizes.arrivals, this.#now());
    return member;
  }

  /** A connection that has been there for long is counted from now on. */
  join(key: string): Member {
    const member = this.#find(key) ?? newMember(key);
    this.#remembered.delete(key);
    this.#present.set(key, member);
    member.connections++;
    return member;
  }

  /** A connection has gone. */
  leave(member: Member): void {
    member.connections--;
    if (member.connections > 0) return;
    this.#present.delete(member.key);
    if (!this.#isEmpty(member)) this.#remembered.set(member.key, member);
    this.#forget();
  }

  /** Forgets those that left first, as long as they are too many or their buckets are empty. */
  #forget(): void {
    for (const [key, member] of this.#remembered) {
      if (this.#remembered.size <= MAX_REMEMBERED && !this.#isEmpty(member)) return;
      this.#remembered.delete(key);
    }
  }

  #find(key: string): Member | undefined {
    return this.#present.get(key) ?? this.#remembered.get(key);
  }

  #isEmpty({ arrivals, messages, bytes }: Member): boolean {
    const now = this.#now();
    const { sizes } = this;
    const level = arrivals.level(sizes.arrivals, now) + messages.level(sizes.messages, now);
    return level + bytes.level(sizes.bytes, now) === 0;
  }
}

function newMember(key: string): Member {
  return { key, connections: 0, arrivals: new Bucket(), messages: new Bucket(), bytes: new Bucket() };
}
