/** The protocols by the name of the peer that speaks it. */
import { mqtt } from './mqtt.ts';
import { nats } from './nats.ts';
import type { Protocol, Shape } from './protocol.ts';
import { redis } from './redis.ts';
import { relay } from './relay.ts';
import { restante } from './restante.ts';

/** Us first: the others are compared with us. */
export const PEER_NAMES = ['restante', 'redis', 'nats', 'mosquitto', 'relay'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export const PROTOCOLS: Readonly<Record<PeerName, (shape: Shape) => Protocol>> = {
  restante,
  redis,
  nats,
  mosquitto: mqtt,
  relay,
};
