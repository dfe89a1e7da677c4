/** The workloads, and what each is like. */
import type { Load } from './job.ts';

const PAYLOAD_BYTES = 64;

export interface Workload {
  readonly like: string;
  readonly load: Load;
  /** Times that this workload has, whatever all others have. */
  readonly times?: { readonly warmUp: number; readonly maxSeconds: number };
}

/** A load of short messages to one name each. */
function load(connections: number, window: number, batch: number, more: Partial<Load> = {}): Load {
  return { connections, window, batch, fan: 1, payloadBytes: PAYLOAD_BYTES, ...more };
}

export const WORKLOADS = {
  chat: { like: '64 people, a message a write, one under way each', load: load(64, 1, 1) },
  burst: { like: '64 programs, 16 messages a write, 64 under way each', load: load(64, 64, 16) },
  fan: { like: '64 peers, each message to 8, 4 a write, 16 under way each', load: load(64, 16, 4, { fan: 8 }) },
  two: { like: '64 peers, each message to 2, 2 a write, 8 under way each', load: load(64, 8, 2, { fan: 2 }) },
  crowd: { like: '2,000 people, a message a write, one under way each', load: load(2_000, 1, 1) },
  few: { like: 'eight peers, a message a write, one under way each', load: load(8, 1, 1) },
  pair: { like: 'two peers, one message under way each', load: load(2, 1, 1) },
  middle: { like: '64 programs, messages of 512 bytes, 4 a write', load: load(64, 16, 4, { payloadBytes: 512 }) },
  large: { like: '64 programs, messages of 4 KiB, 4 a write', load: load(64, 16, 4, { payloadBytes: 4_096 }) },
  huge: { like: '64 programs, messages of 16,000 bytes, 1 a write', load: load(64, 4, 1, { payloadBytes: 16_000 }) },
  cold: {
    like: 'chat in the first two seconds after a start',
    load: load(64, 1, 1),
    times: { warmUp: 0, maxSeconds: 2 },
  },
  first: { like: '2,000 clients come at once, right after a start', load: load(2_000, 1, 1, { storms: 1 }) },
  storm: { like: '5,000 clients come at once, for the third time', load: load(5_000, 1, 1, { storms: 3 }) },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];
