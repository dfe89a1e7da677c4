/** The NATS protocol: SUB and PUB. The server asks PING now and then, soon after the start for the first time. */
import { ascii, each, nameOf, type Protocol, type Shape, subjectOf } from './protocol.ts';

/** Core NATS, for peers of this shape. */
export function nats({ connections, fan, payloadBytes }: Shape): Protocol {
  const around = (head: (subject: string) => string) => ({
    heads: each(connections / fan, (group) => `${head(nameOf(group))} ${payloadBytes}\r\n`),
    headOf: 'group' as const,
    tail: ascii('\r\n'),
  });
  return {
    sent: around((subject) => `PUB ${subject}`),
    delivered: around((subject) => `MSG ${subject} 1`),
    greeting: (peer) =>
      ascii(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB ${subjectOf(peer, fan)} 1\r\nPING\r\n`),
    welcome: () => ascii('PONG\r\n'),
    ping: { asked: ascii('PING\r\n'), answer: ascii('PONG\r\n') },
  };
}
