/** What the generator must know of a server's protocol: what stands around a payload, and how a peer comes. */
import type { WebSocketUse } from './web-socket.ts';

/** What stands around a payload. All heads of an envelope have the same length. */
export interface Envelope {
  readonly heads: readonly Buffer[];
  /** Whether the head says who sent it, or the group it is for. */
  readonly headOf: 'sender' | 'group';
  readonly tail: Buffer;
}

/**
 * What the peers of a workload speak: each server's plainest protocol, our JSON without acknowledgements, what programs
 * speak over WebSocket, or what each server has for messages that are acknowledged at both ends, in memory or on disk.
 */
type Speech = 'plain' | 'json' | 'web' | 'ack' | 'durable';

export interface Shape {
  /** Plain, unless it is given. */
  readonly speech?: Speech;
  /** Whether our HTTP is on, and is asked for its metrics every second. */
  readonly scraped?: boolean;
  readonly connections: number;
  readonly fan: number;
  readonly payloadBytes: number;
}

export interface Protocol {
  /** As a message is sent. */
  readonly sent: Envelope;
  /** As it is delivered. */
  readonly delivered: Envelope;
  /** What a peer says first. */
  greeting(peer: number): Buffer;
  /** What it hears when its mail can come. */
  welcome(peer: number): Buffer;
  /** A subscriber may not send: each peer has a second connection for that. */
  readonly sendsApart?: boolean;
  /** Each peer reaches the next group alone. */
  readonly ring?: boolean;
  /** All of this is in the frames of a WebSocket. */
  readonly webSocket?: WebSocketUse;
  /** What the server may ask between two messages, and the answer. It begins unlike a message. */
  readonly ping?: { readonly asked: Buffer; readonly answer: Buffer };
}

/** Names of one length: p000000, p000001 and so on. */
export function nameOf(index: number): string {
  return `p${String(index).padStart(6, '0')}`;
}

/** Text of one byte a character. */
export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** One buffer for each of `count`. */
export function each(count: number, text: (index: number) => string): Buffer[] {
  return Array.from({ length: count }, (_, index) => ascii(text(index)));
}

/** The names of the peers of `group`. */
export function membersOf(group: number, fan: number): string[] {
  return Array.from({ length: fan }, (_, i) => nameOf(group * fan + i));
}

/** The subject a peer subscribes to: that of its group. */
export function subjectOf(peer: number, fan: number): string {
  return nameOf(Math.floor(peer / fan));
}
