/** The workloads, and what each is like. */
import type { PeerName } from './generator/protocols/all.ts';
import type { Load } from './job.ts';

const PAYLOAD_BYTES = 64;

export interface Workload {
  readonly like: string;
  readonly load: Load;
  /** Who takes part, if not those that speak plainly. */
  readonly peers?: readonly PeerName[];
  /** Times that this workload has, whatever all others have. */
  readonly times?: { readonly warmUp: number; readonly maxSeconds: number };
}

/** A load of short messages to one name each. */
function load(connections: number, window: number, batch: number, more: Partial<Load> = {}): Load {
  return { connections, window, batch, fan: 1, payloadBytes: PAYLOAD_BYTES, ...more };
}

const PLAIN_PEERS: readonly PeerName[] = ['restante', 'redis', 'nats', 'mosquitto', 'relay'];
/** Programs against people. */
const JSON_PEERS: readonly PeerName[] = ['restante', 'plain'];
/** The same programs over WebSocket, against themselves over TCP. */
const WEB_PEERS: readonly PeerName[] = ['restante', 'json', 'nats'];
const ACK_PEERS: readonly PeerName[] = ['restante', 'redis', 'nats', 'mosquitto', 'mosquitto-2'];
/** Mosquitto keeps messages in memory, and writes them to a file now and then. */
const DURABLE_PEERS: readonly PeerName[] = ['restante', 'redis', 'nats'];

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
  'json-chat': { like: 'chat, by programs', load: load(64, 1, 1, { speech: 'json' }), peers: JSON_PEERS },
  'json-burst': { like: 'burst, by programs', load: load(64, 64, 16, { speech: 'json' }), peers: JSON_PEERS },
  'ws-chat': { like: 'json-chat, over WebSocket', load: load(64, 1, 1, { speech: 'web' }), peers: WEB_PEERS },
  'ws-burst': { like: 'json-burst, over WebSocket', load: load(64, 64, 16, { speech: 'web' }), peers: WEB_PEERS },
  scraped: {
    like: 'chat, with HTTP on and scraped every second, against HTTP_PORT=off',
    load: load(64, 1, 1, { scraped: true }),
    peers: JSON_PEERS,
  },
  ack: {
    like: '64 programs, 16 under way each, acknowledged at both ends',
    load: load(64, 16, 1, { speech: 'ack' }),
    peers: ACK_PEERS,
  },
  'ack-pair': {
    like: 'one program to another, one under way, acknowledged at both ends',
    load: load(2, 1, 1, { speech: 'ack', senders: 1 }),
    peers: ACK_PEERS,
  },
  durable: {
    like: 'ack, on disk and synced before the sender is told',
    load: load(64, 16, 1, { speech: 'durable' }),
    peers: DURABLE_PEERS,
  },
  'durable-pair': {
    like: 'ack-pair, on disk and synced before the sender is told',
    load: load(2, 1, 1, { speech: 'durable', senders: 1 }),
    peers: DURABLE_PEERS,
  },
  first: { like: '2,000 clients come at once, right after a start', load: load(2_000, 1, 1, { storms: 1 }) },
  storm: { like: '5,000 clients come at once, for the third time', load: load(5_000, 1, 1, { storms: 3 }) },
} as const satisfies Readonly<Record<string, Workload>>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];

/** Whether a peer takes part in a workload. */
export function takesPart(workload: WorkloadName, peer: PeerName): boolean {
  const { peers = PLAIN_PEERS }: Workload = WORKLOADS[workload];
  return peers.includes(peer);
}
