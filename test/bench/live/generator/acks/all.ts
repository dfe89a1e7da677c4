/** What each peer says where messages are acknowledged. */
import type { PeerName } from '../protocols/all.ts';
import { mqttAcks } from './mqtt.ts';
import { natsAcks } from './nats.ts';
import { redisAcks } from './redis.ts';
import { restanteAcks } from './restante.ts';
import type { AckProtocol, AckShape } from './speaker.ts';

const PROTOCOLS: Readonly<Partial<Record<PeerName, (shape: AckShape) => AckProtocol>>> = {
  restante: restanteAcks,
  redis: redisAcks,
  nats: natsAcks,
  mosquitto: mqttAcks(1),
  'mosquitto-2': mqttAcks(2),
};

/** @throws if the peer has no acknowledgements */
export function ackProtocolOf(peer: PeerName, shape: AckShape): AckProtocol {
  const protocol = PROTOCOLS[peer];
  if (protocol === undefined) throw new RangeError(`${peer} acknowledges nothing`);
  return protocol(shape);
}
