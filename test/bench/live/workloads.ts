/** The workloads, and what each is like. */
import type { Load } from './job.ts';

export interface Workload {
  readonly like: string;
  readonly load: Omit<Load, 'payloadBytes'>;
}

export const WORKLOADS = {
  chat: {
    like: '64 people, a message a write, one under way each',
    load: { connections: 64, fan: 1, window: 1, batch: 1 },
  },
  burst: {
    like: '64 programs, 16 messages a write, 64 under way each',
    load: { connections: 64, fan: 1, window: 64, batch: 16 },
  },
  fan: {
    like: '64 peers, each message to 8, 4 a write, 16 under way each',
    load: { connections: 64, fan: 8, window: 16, batch: 4 },
  },
  crowd: {
    like: '2,000 people, a message a write, one under way each',
    load: { connections: 2_000, fan: 1, window: 1, batch: 1 },
  },
  pair: { like: 'two peers, one message under way each', load: { connections: 2, fan: 1, window: 1, batch: 1 } },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];
