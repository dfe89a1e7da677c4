/** The protocols by the name of the peer that speaks it. */
import { json } from './json.ts';
import { mqtt } from './mqtt.ts';
import { nats } from './nats.ts';
import type { Protocol, Shape } from './protocol.ts';
import { redis } from './redis.ts';
import { relay } from './relay.ts';
import { restante } from './restante.ts';
import type { WebSocketUse } from './web-socket.ts';

/**
 * Us first: the others are compared with us. `plain` is our own plain session, where programs are measured; `json` is
 * our programs over TCP, where those over WebSocket are; and `mosquitto-2` is Mosquitto with quality of service 2,
 * where that makes a difference.
 */
export const PEER_NAMES = ['restante', 'plain', 'json', 'redis', 'nats', 'mosquitto', 'mosquitto-2', 'relay'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

const OUR_WEB: WebSocketUse = { path: '/v1/ws', protocol: 'restante.v1', opcode: 1 };
const NATS_WEB: WebSocketUse = { path: '/', opcode: 2 };

/** What each says where nothing is acknowledged. */
const PROTOCOLS: Readonly<Record<PeerName, (shape: Shape) => Protocol>> = {
  restante: ours,
  plain: restante,
  json,
  redis,
  nats: (shape) => (shape.speech === 'web' ? { ...nats(shape), webSocket: NATS_WEB } : nats(shape)),
  mosquitto: mqtt,
  'mosquitto-2': mqtt,
  relay,
};

function ours(shape: Shape): Protocol {
  if (shape.speech === 'web') return { ...json(shape), webSocket: OUR_WEB };
  return shape.speech === 'json' ? json(shape) : restante(shape);
}

/** What a peer says in a workload in which nothing is acknowledged. */
export function protocolOf(peer: PeerName, shape: Shape): Protocol {
  return PROTOCOLS[peer](shape);
}
