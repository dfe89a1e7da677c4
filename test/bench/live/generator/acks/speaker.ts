/**
 * What the generator must know of a protocol whose messages are acknowledged at both ends: the server tells a sender
 * that it has taken a message, and a receiver tells the server that it has worked one off.
 */
import type { Step, Wire } from './wire.ts';

/** What a peer hears is told to these. */
export interface Ears {
  /** A message came. Its payload lies at `at`, and is written over afterwards. */
  message(bytes: Buffer, at: number): void;
  /** The server has taken this peer's message. */
  accepted(number: number): void;
  /** There is something to write at the end of the turn. */
  due(): void;
  /** Something came that does not belong here. */
  strange(what: string): void;
}

/** One peer, with what it has to write. */
export interface Speaker {
  /** Asks for mail, where that has to be asked for. */
  begin(): void;
  /** Puts a message to what is written next. */
  send(number: number, receiver: number, time: number): void;
  /** Puts the acknowledgement of all that has come there. */
  acknowledge(): void;
  /** Writes it. */
  flush(): void;
}

export interface AckProtocol {
  /** How a peer comes: the steps on each of its connections. */
  wires(peer: number): readonly (readonly Step[])[];
  /** A peer that has come, on these connections. */
  speaker(peer: number, wires: readonly Wire[], ears: Ears): Speaker;
}

/** What a server is to do for these messages. */
export interface AckShape {
  readonly connections: number;
  readonly payloadBytes: number;
  /** Messages that a receiver may have unacknowledged. */
  readonly unacknowledged: number;
  /** On disk before the sender is told. */
  readonly durable: boolean;
}

/** What came, for a message about it. */
export function excerpt(bytes: Buffer, at: number, end: number): string {
  const SHOWN_BYTES = 160;
  return JSON.stringify(bytes.toString('latin1', at, Math.min(end, at + SHOWN_BYTES)));
}
