/**
 * The file descriptors of the process. Each connection takes one. Some are kept back: a store that cannot open its next
 * file holds no more mail, and a thread that cannot start is a shard that is down.
 */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * The descriptors that the store may need in addition to those it has open at rest: for its next log, for tables that
 * are written, for tables that each thread of the pool maps into memory, and for all files when it is opened again.
 */
const STORE_DESCRIPTORS = 24;
/** The descriptors that the thread of a restarted shard needs before its old ones are closed. */
const THREAD_DESCRIPTORS = 8;
/** The most connections at a time that are being told why they are refused. */
export const MAX_REFUSALS = 16;
const KEPT_BACK = STORE_DESCRIPTORS + THREAD_DESCRIPTORS + MAX_REFUSALS;

/** What is read about the process. Tests pass in another one. */
export interface ProcessFiles {
  /** The text of `/proc/self/limits`; undefined on a system that has none. */
  limits(): string | undefined;
  /** How many files are open. */
  open(): number;
}

const ownFiles: ProcessFiles = {
  limits: () => (process.platform === 'linux' ? readFileSync('/proc/self/limits', 'utf8') : undefined),
  open: () => readdirSync('/proc/self/fd').length - 1, // the folder itself is open while it is read
};

/** The limit of open files, and how many connections fit into it. */
export class Descriptors {
  readonly #files: ProcessFiles;
  #limit = Number.POSITIVE_INFINITY;

  constructor(files: ProcessFiles = ownFiles) {
    this.#files = files;
  }

  /** The limit at the last look; `Infinity` if it is not known. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Reads the limit, which can be changed from outside while the process runs.
   * @returns false if there was no descriptor to read it with
   */
  look(): boolean {
    try {
      this.#limit = limitIn(this.#files.limits());
      return true;
    } catch (error) {
      return !isShortage(error);
    }
  }

  /** How many further connections fit, with those that are kept back left free. `look` must have been called. */
  get room(): number {
    return this.#limit === Number.POSITIVE_INFINITY ? this.#limit : this.#limit - this.#files.open() - KEPT_BACK;
  }

  /**
   * Whether a connection with this descriptor has one of those that are kept back. The system always takes the lowest
   * one that is free, so all below it are in use.
   */
  isKeptBack(descriptor: number): boolean {
    return descriptor >= this.#limit - KEPT_BACK;
  }
}

function limitIn(limits: string | undefined): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Whether an operation failed for want of descriptors or memory, of the process or of the system. */
export function isShortage(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM' || code === 'ENOBUFS';
}
