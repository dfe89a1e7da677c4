/** What is counted of connections: how they ended or were refused, and what those that have ended had carried. */
import type { Speaks } from '../../session/program/program.ts';
import type { Session } from '../../session/session.ts';
import type { SessionEndCode } from '../../shared/codes/session-ends.ts';
import type { Visit } from '../../shared/visitors/visit.ts';
import type { Limit, StoreFailure } from '../../shared/wire/records.ts';
import type { TransportKind } from '../../transport/transport.ts';

/** Why a connection ended: a code; or its peer left, or vanished, or the broker is being stopped. */
export type EndReason = SessionEndCode | 'LEFT' | 'PEER_SILENT' | 'STOPPING';

/** Why a connection was not accepted. */
export type RefusalReason = SessionEndCode | 'MAX_CONNECTIONS' | 'OPEN_FILES';

/** One open connection. */
export interface OpenConnection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  /** When the peer connected, in milliseconds since 1970. */
  readonly connectedAt: number;
  /** What it counts to. */
  readonly visit: Visit;
}

/** What connections have carried. */
export interface Traffic {
  readBytes: number;
  writtenBytes: number;
  /** Messages that count as written: the system has taken them, or a program has acknowledged or rejected them. */
  readonly writtenMessages: Record<Speaks, number>;
}

/** A session, as far as it is counted. */
export type CountedSession = Pick<Session, 'speaks' | 'transport' | 'writer'>;

export class ConnectionCounts {
  readonly accepted: Record<TransportKind, number> = { tcp: 0, tls: 0, websocket: 0, http: 0 };
  readonly ended = new Map<EndReason, number>();
  readonly refused = new Map<RefusalReason, number>();
  /** How often shards have reported a limit; each does so once a minute at most. */
  readonly limits = new Map<Limit, number>();
  readonly storeFailures = new Map<StoreFailure, number>();
  readonly #past: Traffic = noTraffic();

  accept(kind: TransportKind): void {
    this.accepted[kind]++;
  }

  /** A connection has ended. */
  end(session: CountedSession, reason: EndReason): void {
    count(this.ended, reason);
    add(this.#past, session);
  }

  refuse(reason: RefusalReason): void {
    count(this.refused, reason);
  }

  limit(limit: Limit): void {
    count(this.limits, limit);
  }

  storeFailed(failure: StoreFailure): void {
    count(this.storeFailures, failure);
  }

  /** What all connections have carried. @param open those that are open */
  trafficWith(open: Iterable<CountedSession>): Traffic {
    const all = { ...this.#past, writtenMessages: { ...this.#past.writtenMessages } };
    for (const session of open) add(all, session);
    return all;
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function noTraffic(): Traffic {
  return { readBytes: 0, writtenBytes: 0, writtenMessages: { plain: 0, program: 0, acknowledging: 0 } };
}

function add(traffic: Traffic, { speaks, transport, writer }: CountedSession): void {
  traffic.readBytes += transport.readBytes;
  traffic.writtenBytes += transport.takenBytes;
  // The sum is modulo 2^32, as a signed number.
  traffic.writtenMessages[speaks] += writer.progress.writtenFrames >>> 0;
}
