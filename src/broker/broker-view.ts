/**
 * The one view of a running broker, for whoever wants to know how it is and must not reach into it: HTTP, tools, tests.
 * All that can be done through it is to stop the broker in order.
 */

import type { Session } from '../session/session.ts';
import type { Writer } from '../session/writer.ts';
import { shortName } from '../shared/common/log/log.ts';
import { since as serialSince } from '../shared/common/serial-arithmetic.ts';
import type { ShardStats } from '../shared/wire/control.ts';
import type { Standing } from '../shared/wire/records.ts';
import { type ShardSums, sumsOf } from './stats.ts';

/** Sessions that are listed at most. */
export const MAX_LISTED_SESSIONS = 1_000;

interface BrokerStats extends ShardSums {
  /** Open connections. */
  readonly connections: number;
  /** Shards, and how many of them are there: one that has crashed is not until it has been started again. */
  readonly shards: number;
  readonly shardsUp: number;
}

/** An open connection. */
interface SessionView {
  readonly session: number;
  /** The name as the log shows it: shortened, and harmless on a terminal. Undefined before it was said. */
  readonly name: string | undefined;
  readonly peer: string;
  readonly standing: Standing;
  /** When it connected, in milliseconds since 1970. */
  readonly since: number;
  /** What it was handed and has not written. What waits in its mailbox is not among it. */
  readonly waitingMessages: number;
  readonly waitingBytes: number;
}

export interface BrokerView {
  /** Whether it takes connections, and every shard is there. */
  ready(): boolean;
  stats(): Promise<BrokerStats>;
  /** The open connections, oldest first, and no more than MAX_LISTED_SESSIONS. */
  sessions(): readonly SessionView[];
  /** Stops the broker in order: see Broker. */
  drain(): Promise<void>;
}

type ViewedSession = Pick<Session, 'number' | 'name' | 'peer' | 'standing'> & {
  readonly writer: Pick<Writer, 'progress'> | undefined;
};

/** What is viewed. */
export interface Viewed<S extends ViewedSession> {
  /** Whether connections are accepted. */
  listens(): boolean;
  /** Whether every shard is there. */
  hasAllShards(): boolean;
  /** What each shard has done and holds; undefined for one that is down. */
  shardStats(): Promise<readonly (ShardStats | undefined)[]>;
  /** The sessions whose sockets are open, oldest first. */
  readonly open: Pick<ReadonlyMap<S, unknown>, 'keys' | 'size'>;
  /** When a session has connected. */
  since(session: S): number;
  stop(): Promise<void>;
}

export function brokerView<S extends ViewedSession>(viewed: Viewed<S>): BrokerView {
  return {
    ready: () => viewed.listens() && viewed.hasAllShards(),
    stats: async () => {
      const shards = await viewed.shardStats();
      const shardsUp = shards.filter((stats) => stats !== undefined).length;
      return { ...sumsOf(shards), connections: viewed.open.size, shards: shards.length, shardsUp };
    },
    sessions: () => {
      const listed: SessionView[] = [];
      for (const session of viewed.open.keys()) {
        if (listed.push(sessionView(session, viewed.since(session))) === MAX_LISTED_SESSIONS) break;
      }
      return listed;
    },
    drain: () => viewed.stop(),
  };
}

function sessionView({ number, name, peer, standing, writer }: ViewedSession, since: number): SessionView {
  const progress = writer?.progress;
  return {
    session: number,
    name: name === undefined ? undefined : shortName(name),
    peer,
    standing,
    since,
    // Sums modulo 2^32.
    waitingMessages: progress === undefined ? 0 : serialSince(progress.handedFrames, progress.writtenFrames),
    waitingBytes: progress === undefined ? 0 : serialSince(progress.handedBytes, progress.writtenBytes),
  };
}
