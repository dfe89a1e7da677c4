/**
 * The messages between the main thread of the swarm and its other threads: a task at the start, then messages on a
 * port, and an outcome at the end.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';

/** The tables that all threads share. Each cell of the first two is written by one thread, so they need no lock. */
export interface SwarmTables {
  /** Uint32, [sender * clients + recipient]: the number of the last message that was sent. Numbers begin at 1. */
  readonly sent: SharedArrayBuffer;
  /** Uint32, [recipient * clients + sender]: the highest number that has arrived. */
  readonly highest: SharedArrayBuffer;
  /**
   * Int32, [recipient]: deliveries that are in flight or held. It is changed by atomic operations. A message that is
   * overtaken by a later one of its sender is not in flight any more.
   */
  readonly inFlight: SharedArrayBuffer;
}

/** What a thread needs for its run. */
export interface SwarmTask {
  readonly port: MessagePort;
  /** The thread has the clients whose index modulo `threads` is this. */
  readonly thread: number;
  readonly threads: number;
  readonly clients: number;
  /** The clients whose index is below this are programs. */
  readonly programs: number;
  /** A part of the names, which makes them different from those of any other run. */
  readonly run: string;
  readonly host: string;
  readonly brokerPort: number;
  /** What proves the name of every client; undefined where the broker asks for nothing. */
  readonly token: string | undefined;
  readonly ratePerSecond: number;
  readonly churnPerSecond: number;
  readonly seed: number;
  /**
   * The zero of all times in nanoseconds. All threads have the same `process.hrtime`, and this keeps the numbers small.
   */
  readonly zeroNs: bigint;
  readonly tables: SwarmTables;
}

/** The stages of a run, in order. A thread begins with `gathering`. */
export type Stage = 'gathering' | 'sending' | 'settling' | 'leaving';

/** Tells a thread to begin a stage. */
export interface ToThread {
  readonly stage: Exclude<Stage, 'gathering'>;
}

/**
 * The progress of a thread, which it sends several times a second. `arrived` counts each message once, however often it
 * arrived. `complete` is the last stage whose work is done: `gathering` when the name of every client is live,
 * `settling` when no client sends any more and all are back.
 */
export interface Progress {
  readonly sent: number;
  readonly arrived: number;
  /** Messages that were overtaken by a later one of their sender, and have not arrived. */
  readonly missing: number;
  /** Messages that need not arrive: see `Settlement`. */
  readonly doubtful: number;
  readonly live: number;
  readonly complete: 'gathering' | 'settling' | undefined;
}

/** What a thread has counted. A line to three recipients counts as three deliveries. */
export interface Counts {
  /** Lines that were sent, and the deliveries that they ask for. */
  lines: number;
  sent: number;
  /**
   * Messages that arrived for the first time: those that were sent while the recipient was connected, and those that
   * waited for it.
   */
  arrivedLive: number;
  arrivedHeld: number;
  repeated: number;
  /** Messages that arrived for the first time, but after a later message of the same sender. */
  disordered: number;
  /** Lines that are no message of this run, or not one for their recipient. */
  strange: number;
  /**
   * How often clients left in order, how often programs closed their connection without a word, and how often clients
   * were back after any end of their last connection.
   */
  leaves: number;
  crashes: number;
  reconnects: number;
  /** How often programs took their name over from a connection of their own. */
  takeOvers: number;
  /** Connections that ended and that we did not end. */
  disconnected: number;
  /** Attempts to connect that failed, and those that found the name taken. */
  failedAttempts: number;
  taken: number;
  /** Deliveries that the broker refused or dropped, by its notices and by the outcomes that programs got. */
  refusals: number;
  /** Messages that came to a program again, because it had worked them off and not acknowledged them. */
  redelivered: number;
  /** Deliveries whose outcome a program did not get, because its connection ended first. */
  doubtful: number;
  /** What the broker said to programs against their protocol. */
  violations: number;
}

/** @returns counts that are all 0 */
export function zeroCounts(): Counts {
  return {
    lines: 0,
    sent: 0,
    arrivedLive: 0,
    arrivedHeld: 0,
    repeated: 0,
    disordered: 0,
    strange: 0,
    leaves: 0,
    crashes: 0,
    takeOvers: 0,
    reconnects: 0,
    disconnected: 0,
    failedAttempts: 0,
    taken: 0,
    refusals: 0,
    redelivered: 0,
    doubtful: 0,
    violations: 0,
  };
}

/**
 * What the ledger of a thread knows at the end. A program whose connection ends may have sent messages whose outcome it
 * does not know. These are in doubt: each may arrive once, or never.
 */
export interface Settlement {
  /** By [recipient * clients + sender]: the numbers below the highest that have not arrived. */
  readonly gaps: ReadonlyMap<number, ReadonlySet<number>>;
  /** Further ones, which are only counted. */
  readonly unremembered: number;
  /** By [sender * clients + recipient]: the numbers that are in doubt. */
  readonly doubtful: ReadonlyMap<number, readonly number[]>;
}

/** The result of a thread. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly counts: Counts;
      readonly settlement: Settlement;
      /** The first violations, each a sentence. */
      readonly violations: readonly string[];
      readonly lastArrivalNs: number;
      /** In nanoseconds, of mail that arrived while its recipient was connected. */
      readonly latency: RecordableHistogram;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** A run could not be completed. The operator reads the message, which is one line. */
export class SwarmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SwarmError';
  }
}
