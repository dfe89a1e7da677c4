/**
 * The view of a running broker for HTTP, tools and tests, which must not reach into it. All that can be done through it
 * is an orderly stop, and a reload of the settings.
 */
import type { Session } from '../session/session.ts';
import type { Writer } from '../session/writer/writer.ts';
import { shortName } from '../shared/common/log/log.ts';
import { since } from '../shared/common/serial-arithmetic.ts';
import type { ShardStats } from '../shared/wire/port/control.ts';
import type { Standing } from '../shared/wire/records.ts';
import type { StoreState } from '../store/guard/kept-store.ts';
import type { AdminView } from './admin/admin-view.ts';
import { type ShardSums, sumsOf } from './admin/stats.ts';
import type { BrokerFigures } from './figures.ts';
import type { ReloadOutcome } from './reload/reloads.ts';

export type { BrokerFigures } from './figures.ts';
export type { ReloadOutcome } from './reload/reloads.ts';

/** `sessions` lists no more than this. */
export const MAX_LISTED_SESSIONS = 1_000;

/** The sums over all shards, with what the main thread counts. */
interface BrokerStats extends ShardSums {
  /** Open connections. */
  readonly connections: number;
  /** The number of shards, and how many of them are up. A crashed shard is down until it has been restarted. */
  readonly shards: number;
  readonly shardsUp: number;
}

/** One open connection. */
interface SessionView {
  readonly session: number;
  /** The name as the log has it, shortened and with escapes; undefined until the peer has given it. */
  readonly name: string | undefined;
  readonly peer: string;
  readonly standing: Standing;
  /** When the peer connected, in milliseconds since 1970. */
  readonly since: number;
  /** Mail that the writer was handed and has not written. Mail in the mailbox is not counted. */
  readonly waitingMessages: number;
  readonly waitingBytes: number;
}

/** What a broker needs for peers, as it is now. */
export interface Health {
  /** Whether the broker is being stopped. */
  readonly draining: boolean;
  /** Whether connections are accepted. */
  readonly listens: boolean;
  /** Whether another connection fits into MAX_CONNECTIONS. */
  readonly hasRoom: boolean;
  /** `none` where nothing is held. */
  readonly store: StoreState | 'none';
  /** Whether each shard is up. */
  readonly shardsUp: readonly boolean[];
}

/** A running broker as it is seen from outside. */
export interface BrokerView {
  /** Whether the broker accepts connections and every shard is up. */
  ready(): boolean;
  /** What `ready` follows from, and more. Asks no shard. */
  health(): Health;
  /** Asks every shard. A shard that is down counts as 0. */
  stats(): Promise<BrokerStats>;
  /** All that is counted and measured. Asks every shard. */
  figures(): Promise<BrokerFigures>;
  /** The open connections, oldest first: MAX_LISTED_SESSIONS of them at most. */
  sessions(): readonly SessionView[];
  /** Takes the settings as they are written now, as `Broker.reload` does. */
  reload(): Promise<ReloadOutcome>;
  /** Stops the broker, as `Broker.stop` does. */
  drain(): Promise<void>;
  /** What its operator sees and does. */
  readonly admin: AdminView;
}

type ViewedSession = Pick<Session, 'number' | 'name' | 'peer' | 'standing'> & {
  readonly writer: Pick<Writer, 'progress'>;
};

/** What the view needs of the broker. */
export interface Viewed<S extends ViewedSession> {
  health(): Health;
  /** The figures of each shard; undefined for one that is down. */
  shardStats(): Promise<readonly (ShardStats | undefined)[]>;
  figures(): Promise<BrokerFigures>;
  /** The sessions whose sockets are open, oldest first. */
  readonly open: ReadonlyMap<S, { readonly connectedAt: number }>;
  /** See `Broker.reload`. */
  reload(): Promise<ReloadOutcome>;
  /** Stops the broker, as `Broker.stop` does. */
  stop(): Promise<void>;
  readonly admin: AdminView;
}

/** The view of a broker. */
export function brokerView<S extends ViewedSession>(viewed: Viewed<S>): BrokerView {
  return {
    ready: () => {
      const { listens, shardsUp } = viewed.health();
      return listens && shardsUp.every((up) => up);
    },
    health: () => viewed.health(),
    figures: () => viewed.figures(),
    stats: async () => {
      const shards = await viewed.shardStats();
      const shardsUp = shards.filter((stats) => stats !== undefined).length;
      return { ...sumsOf(shards), connections: viewed.open.size, shards: shards.length, shardsUp };
    },
    sessions: () => {
      const listed: SessionView[] = [];
      for (const [session, { connectedAt }] of viewed.open) {
        if (listed.push(sessionView(session, connectedAt)) === MAX_LISTED_SESSIONS) break;
      }
      return listed;
    },
    reload: () => viewed.reload(),
    drain: () => viewed.stop(),
    admin: viewed.admin,
  };
}

function sessionView({ number, name, peer, standing, writer }: ViewedSession, connectedAt: number): SessionView {
  const { progress } = writer;
  return {
    session: number,
    name: name === undefined ? undefined : shortName(name),
    peer,
    standing,
    since: connectedAt,
    // The counts are modulo 2^32, so a plain subtraction would be wrong.
    waitingMessages: since(progress.handedFrames, progress.writtenFrames),
    waitingBytes: since(progress.handedBytes, progress.writtenBytes),
  };
}
