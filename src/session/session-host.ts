/** What a session needs of the broker. */
import type { ProgramProtocol, Protocol } from '../protocol/protocol.ts';
import type { Router } from '../router/router.ts';
import type { Config } from '../shared/common/config.ts';
import type { StartTimer } from '../shared/common/timer.ts';
import type { Memory } from '../shared/memory/memory.ts';
import type { PieceBuffers } from '../shared/memory/piece-buffers.ts';
import type { WriteBuffers } from '../shared/memory/write-buffers.ts';
import type { TransportKind } from '../transport/transport.ts';
import type { Authenticator } from './auth/authenticator.ts';
import type { Presence } from './presence.ts';
import type { Pings } from './program/pings.ts';
import type { Receipts } from './program/receipts.ts';
import type { Turns } from './reader/turns.ts';

/** What is spoken over each transport: by programs alone, or by plain peers too, as the first line says. */
export const OVER_TRANSPORT: Readonly<Record<TransportKind, 'both' | 'programs'>> = {
  tcp: 'both',
  tls: 'both',
  websocket: 'programs',
  http: 'programs',
};

/**
 * The parts of the broker that all sessions share. A session keeps the object that it began with, and the settings in
 * it: after a reload, sessions that begin are given another one.
 */
export interface SessionHost {
  readonly config: Config;
  readonly authenticator: Authenticator;
  /** The protocol that a session begins with, and the one of programs. */
  readonly protocol: Protocol;
  readonly programs: ProgramProtocol;
  readonly router: Router;
  /** The memory in which most of what is read lies. */
  readonly memory: Memory;
  /** The places for what was read and has to wait. */
  readonly places: PieceBuffers;
  /** The buffers from which bytes are written. */
  readonly writeBuffers: WriteBuffers;
  readonly turns: Turns;
  readonly startTimer: StartTimer;
  readonly presence: Presence;
  readonly pings: Pings;
  readonly receipts: Receipts;
  /** A writer need not report written bytes up to this many. */
  readonly reportAfterBytes: number;
}
