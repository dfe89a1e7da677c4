/**
 * What the main thread and the swarm's threads say to each other: a task to begin with, a port meanwhile, an outcome at
 * the end.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';

/** The common tables. Each cell of the first two has one thread that writes it, so they need no lock. */
export interface SwarmTables {
  /** Uint32, [sender * clients + recipient]: the last running number given, from 1. */
  readonly sent: SharedArrayBuffer;
  /** Uint32, [recipient * clients + sender]: the highest running number seen. */
  readonly highest: SharedArrayBuffer;
  /** Int32, [recipient]: deliveries under way or held; counted by atomic operations. */
  readonly inFlight: SharedArrayBuffer;
}

export interface SwarmTask {
  readonly port: MessagePort;
  /** This thread hosts the clients whose index, modulo `threads`, is `thread`. */
  readonly thread: number;
  readonly threads: number;
  readonly clients: number;
  /** Makes the names of this run unlike those of any other. */
  readonly run: string;
  readonly host: string;
  readonly brokerPort: number;
  readonly ratePerSecond: number;
  readonly churnPerSecond: number;
  readonly seed: number;
  /** The zero of all times in ns: `process.hrtime` is common to all threads, and this keeps them short. */
  readonly zeroNs: bigint;
  readonly tables: SwarmTables;
}

/** The stages of a run, in order. Gathering is what a thread begins with. */
export type Stage = 'gathering' | 'sending' | 'settling' | 'leaving';

/** Tells a thread to go on to a stage. */
export interface ToThread {
  readonly stage: Exclude<Stage, 'gathering'>;
}

/**
 * How far a thread is, said several times a second. `arrived` counts each delivery once, however often it came.
 * `complete` is the last stage whose work is done: gathering when every client's name is live, settling when nobody
 * sends and all are back.
 */
export interface Progress {
  readonly sent: number;
  readonly arrived: number;
  readonly live: number;
  readonly complete: 'gathering' | 'settling' | undefined;
}

/** What a thread has counted. Deliveries are counted by recipient: a line to three is three. */
export interface Counts {
  /** Lines sent, and the deliveries they ask for. */
  lines: number;
  sent: number;
  /** First arrivals: of mail sent while its recipient was connected, and of mail that waited for it. */
  arrivedLive: number;
  arrivedHeld: number;
  repeated: number;
  /** First arrivals behind a later message of the same sender. */
  disordered: number;
  /** Lines that are no mail of this run's, or not for who got them. */
  strange: number;
  /** Polite leaves, and returns to life of any client after whatever ended its last connection. */
  leaves: number;
  reconnects: number;
  /** Connections that ended without our wish. */
  disconnected: number;
  /** Attempts to come (back) that failed, and those that found the name taken. */
  failedAttempts: number;
  taken: number;
  /** Notices of the broker that it did not keep a message. */
  refusals: number;
}

/** No count yet. */
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
    reconnects: 0,
    disconnected: 0,
    failedAttempts: 0,
    taken: 0,
    refusals: 0,
  };
}

export type Outcome =
  | {
      readonly kind: 'done';
      readonly counts: Counts;
      /** Gaps below the highest number seen that were never filled. */
      readonly missing: number;
      readonly lastArrivalNs: number;
      /** In ns, of mail that arrived live. */
      readonly latency: RecordableHistogram;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** A run that could not be carried through. Its message is the one line the operator reads. */
export class SwarmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SwarmError';
  }
}
