/** The protocols by the name of the peer that speaks it. */
import { json } from './json.ts';
import { mqtt } from './mqtt.ts';
import { nats } from './nats.ts';
import type { Protocol, Shape } from './protocol.ts';
import { redis } from './redis.ts';
import { relay } from './relay.ts';
import { restante } from './restante.ts';

/**
 * Us first: the others are compared with us. `plain` is our own plain session, where programs are measured; and
 * `mosquitto-2` is Mosquitto with quality of service 2, where that makes a difference.
 */
export const PEER_NAMES = ['restante', 'plain', 'redis', 'nats', 'mosquitto', 'mosquitto-2', 'relay'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** What each says where nothing is acknowledged. */
const PROTOCOLS: Readonly<Record<PeerName, (shape: Shape) => Protocol>> = {
  restante: (shape) => (shape.speech === 'json' ? json(shape) : restante(shape)),
  plain: restante,
  redis,
  nats,
  mosquitto: mqtt,
  'mosquitto-2': mqtt,
  relay,
};

/** What a peer says in a workload in which nothing is acknowledged. */
export function protocolOf(peer: PeerName, shape: Shape): Protocol {
  return PROTOCOLS[peer](shape);
}
