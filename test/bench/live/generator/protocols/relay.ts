/** The bare relay: what is written to it comes out as it is, at the next group. It carries our delivered lines. */
import { ascii, nameOf, type Protocol, type Shape } from './protocol.ts';
import { restante } from './restante.ts';

/** What the relay says to a peer that has told its number. */
export const RELAY_WELCOME = ascii('+\n');
/** A peer's number, its end included. */
export const RELAY_GREETING_BYTES = nameOf(0).length + 1;

/** Our delivered lines, both ways, for peers of this shape. */
export function relay(shape: Shape): Protocol {
  const { delivered } = restante(shape);
  return {
    sent: delivered,
    delivered,
    greeting: (peer) => ascii(`${nameOf(peer)}\n`),
    welcome: () => RELAY_WELCOME,
    ring: true,
  };
}

/** Bytes of a message that the relay carries. */
export function relayFrameBytes(shape: Shape): number {
  const { heads, tail } = restante(shape).delivered;
  return (heads[0]?.length ?? 0) + shape.payloadBytes + tail.length;
}
