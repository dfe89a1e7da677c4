/**
 * How many files the process may have open at once, of which each connection is one. Some of them are kept back: a
 * store that cannot open its next file holds no more mail, and a thread that cannot begin is no shard.
 */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the store opens besides what it has open at rest: its next log, tables that are written, tables that each thread
 * of the pool maps into memory, and all of it anew where it is opened again.
 */
const STORE_DESCRIPTORS = 24;
/** What the thread of a shard that is started again has before its old ones are closed. */
const THREAD_DESCRIPTORS = 8;
/** Connections that are told, all at once, that there are too many. */
export const MAX_REFUSALS = 16;
const KEPT_BACK = STORE_DESCRIPTORS + THREAD_DESCRIPTORS + MAX_REFUSALS;

/** What of the process it looks at: another in tests. */
export interface ProcessFiles {
  /** The text of `/proc/self/limits`; undefined on a system that has none. */
  limits(): string | undefined;
  /** How many files are open. */
  open(): number;
}

const ownFiles: ProcessFiles = {
  limits: () => (process.platform === 'linux' ? readFileSync('/proc/self/limits', 'utf8') : undefined),
  open: () => readdirSync('/proc/self/fd').length - 1, // without the folder that is read
};

export class Descriptors {
  readonly #files: ProcessFiles;
  #limit = Number.POSITIVE_INFINITY;

  constructor(files: ProcessFiles = ownFiles) {
    this.#files = files;
  }

  /** How many may be open, as it was seen last; `Infinity` where nobody says. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Looks at the limit, which can be changed from outside while the process runs.
   * @returns false if there was no descriptor left to look with
   */
  look(): boolean {
    try {
      this.#limit = limitIn(this.#files.limits());
      return true;
    } catch (error) {
      return !isShortage(error);
    }
  }

  /** Connections that fit, besides those that are open, so that enough is kept back. To be called after a look. */
  get room(): number {
    return this.#limit === Number.POSITIVE_INFINITY ? this.#limit : this.#limit - this.#files.open() - KEPT_BACK;
  }

  /**
   * Whether a connection with this descriptor has one of those that are kept back. The system gives the lowest that is
   * free: so all below it are in use, whatever for.
   */
  isKeptBack(descriptor: number): boolean {
    return descriptor >= this.#limit - KEPT_BACK;
  }
}

function limitIn(limits: string | undefined): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Whether something failed because the process, or the system, has no descriptor or memory for it now. */
export function isShortage(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM' || code === 'ENOBUFS';
}
