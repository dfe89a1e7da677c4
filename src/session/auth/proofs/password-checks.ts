/**
 * Checks passwords, a few at a time, in threads of its own. The threads of Node that hash for `scrypt` are also those
 * in which the store reads and writes, and there are four of them: so a crowd that logs in would stop the disk. The
 * threads are started when the first password comes, and end when none has come for a minute.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { PasswordTask } from '../../../../workers/password/thread.ts';
import { poolOptions } from '../../../shared/common/worker-pool.ts';
import { MAX_HASH_BYTES, type StoredPassword } from '../accounts/password.ts';

const MOST_THREADS = 4;
/** One core is left to those who are logged in. */
export const PASSWORD_THREADS = Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1));
const IDLE_MS = 60_000;
const THREAD_HEAP_MB = 32;
/** The memory of the threads, each with one hash. */
export const PASSWORD_BYTES = PASSWORD_THREADS * (MAX_HASH_BYTES + THREAD_HEAP_MB * 1024 * 1024);
/** So many logins wait for a thread at most: the last of them still has its turn within NAME_TIMEOUT_SECONDS. */
export const MAX_WAITING = 64;
/** So many of them from one address, which leaves room for others. */
export const MAX_WAITING_FROM_ONE = 32;
/**
 * Places beside those, for who has logged in by this account from this address before. They are taken in turns with the
 * others, so a crowd of strangers does not keep those out who come back, and they do not keep out strangers.
 */
export const MAX_KNOWN_WAITING = 16;
export const MAX_KNOWN_WAITING_FROM_ONE = 4;

/** `busy`: as many wait as may. `dropped`: its turn came, and it may not be checked any more. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy' | 'dropped';

/** Hashes a password and compares it, somewhere else. */
export type Check = (task: PasswordTask) => Promise<boolean>;

/** A password that waits. */
interface Waiting {
  readonly from: string;
  readonly start: () => void;
}

export class PasswordChecks {
  readonly #check: Check;
  readonly #threads: number;
  readonly #strangers = new Queue(MAX_WAITING, MAX_WAITING_FROM_ONE);
  readonly #known = new Queue(MAX_KNOWN_WAITING, MAX_KNOWN_WAITING_FROM_ONE);
  /** Whether the last one whose turn came was known. */
  #wasKnown = false;
  #running = 0;

  /** @param threads so many are checked at a time */
  constructor(check: Check, threads = PASSWORD_THREADS) {
    this.#check = check;
    this.#threads = threads;
  }

  /**
   * Checks a password when a thread is free. It is taken and wiped.
   * @param from the address that asks
   * @param isKnown whether this account has logged in from there before
   * @param mayStart is asked when its turn has come, because others may have failed from this address meanwhile
   */
  async check(
    password: Uint8Array,
    stored: StoredPassword,
    from: string,
    isKnown: boolean,
    mayStart: () => boolean,
  ): Promise<PasswordVerdict> {
    try {
      if (this.#running < this.#threads) this.#running++;
      else if (!(await this.#turn(from, isKnown))) return 'busy';
      try {
        if (!mayStart()) return 'dropped';
        return (await this.#check({ password, stored })) ? 'right' : 'wrong';
      } finally {
        this.#next();
      }
    } finally {
      password.fill(0);
    }
  }

  #turn(from: string, isKnown: boolean): Promise<boolean> {
    const queue = isKnown && this.#known.hasRoom(from) ? this.#known : this.#strangers;
    if (!queue.hasRoom(from)) return Promise.resolve(false);
    return new Promise((resolve) => queue.put({ from, start: () => resolve(true) }));
  }

  /** One has ended: its thread is the next one's. */
  #next(): void {
    const [first, second] = this.#wasKnown ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
    const queue = first.isEmpty ? second : first;
    this.#wasKnown = queue === this.#known;
    const next = queue.take();
    if (next === undefined) this.#running--;
    else next.start();
  }
}

/** Those who wait, in order, and how many of them come from each address. */
class Queue {
  readonly #max: number;
  readonly #maxFromOne: number;
  readonly #waiting: Waiting[] = [];
  readonly #from = new Map<string, number>();

  constructor(max: number, maxFromOne: number) {
    this.#max = max;
    this.#maxFromOne = maxFromOne;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  hasRoom(from: string): boolean {
    return this.#waiting.length < this.#max && (this.#from.get(from) ?? 0) < this.#maxFromOne;
  }

  put(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#from.set(waiting.from, (this.#from.get(waiting.from) ?? 0) + 1);
  }

  take(): Waiting | undefined {
    const next = this.#waiting.shift();
    if (next === undefined) return undefined;
    const left = (this.#from.get(next.from) ?? 1) - 1;
    if (left > 0) this.#from.set(next.from, left);
    else this.#from.delete(next.from);
    return next;
  }
}

/** The threads in which passwords are checked. */
export class PasswordThreads {
  #pool: Piscina<PasswordTask, boolean> | undefined;

  readonly check: Check = (task) => {
    this.#pool ??= new Piscina<PasswordTask, boolean>({
      ...poolOptions('password/thread', PASSWORD_THREADS),
      minThreads: 0,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    // The memory of the password moves to the thread, so no copy of it stays behind.
    const password = Uint8Array.from(task.password);
    return this.#pool.run({ ...task, password }, { transferList: [password.buffer] });
  };

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}
