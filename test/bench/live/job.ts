/** What is said between the main process and a generator's. */
import type { Wrong } from './generator/checker.ts';
import type { PeerName } from './generator/protocols/all.ts';
import type { Shape } from './generator/protocols/protocol.ts';

/** Messages that a receiver may have unacknowledged, where it acknowledges, whatever server it is. */
export const RECEIVER_WINDOW = 16;

export interface Load extends Shape {
  /** Messages that each connection has under way, at most. */
  readonly window: number;
  /** Messages in one write. */
  readonly batch: number;
  /** Peers that send; all, unless it is given. Only where messages are acknowledged. */
  readonly senders?: number;
  /** How many times all connections come at once, and leave. Nothing is sent, and only the last time is measured. */
  readonly storms?: number;
}

export interface Job {
  readonly peer: PeerName;
  readonly port: number;
  /** The server's process, whose processor time and memory are read. */
  readonly serverPid: number;
  readonly load: Load;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What one measurement found. In a storm, a delivery is a client that was made welcome. */
export interface Measured {
  readonly deliveriesPerSecond: number;
  readonly cpuMicrosecondsPerDelivery: number;
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  readonly p999Microseconds: number;
  readonly peakMebibytes: number;
  /** Cores that the server and the generator kept busy. */
  readonly serverCores: number;
  readonly generatorCores: number;
  /** The part of the time in which the generator had something to do, or waited for a core to do it: 1 is saturated. */
  readonly generatorBusy: number;
  readonly wrong: Wrong;
}

export type Outcome =
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly reason: string };
