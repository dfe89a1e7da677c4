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
  readonly #waiting: Waiting[] = [];
  readonly #waitingFrom = new Map<string, number>();
  #running = 0;

  /** @param threads so many are checked at a time */
  constructor(check: Check, threads = PASSWORD_THREADS) {
    this.#check = check;
    this.#threads = threads;
  }

  /**
   * Checks a password when a thread is free. It is taken and wiped.
   * @param from the address that asks
   * @param mayStart is asked when its turn has come, because others may have failed from this address meanwhile
   */
  async check(
    password: Uint8Array,
    stored: StoredPassword,
    from: string,
    mayStart: () => boolean,
  ): Promise<PasswordVerdict> {
    try {
      if (this.#running < this.#threads) this.#running++;
      else if (!(await this.#turn(from))) return 'busy';
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

  #turn(from: string): Promise<boolean> {
    const fromOne = this.#waitingFrom.get(from) ?? 0;
    if (this.#waiting.length >= MAX_WAITING || fromOne >= MAX_WAITING_FROM_ONE) return Promise.resolve(false);
    this.#waitingFrom.set(from, fromOne + 1);
    return new Promise((resolve) => this.#waiting.push({ from, start: () => resolve(true) }));
  }

  /** One has ended: its thread is the next one's. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#running--;
      return;
    }
    const left = (this.#waitingFrom.get(next.from) ?? 1) - 1;
    if (left > 0) this.#waitingFrom.set(next.from, left);
    else this.#waitingFrom.delete(next.from);
    next.start();
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
