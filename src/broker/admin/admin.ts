/** What an operator can see and do of a running broker, put together from its parts. */
import { kicked } from '../../protocol/errors.ts';
import type { Session } from '../../session/session.ts';
import type { Shards } from '../../shards/shards.ts';
import type { Settings } from '../../shared/common/config/settings.ts';
import type { LOG_LEVELS } from '../../shared/common/config.ts';
import type { Log } from '../../shared/common/log/log.ts';
import type { StoreGuard } from '../../store/guard/store-guard.ts';
import type { Health } from '../broker-view.ts';
import type { AdminView, BackupAnswer, ConnectionsPage, ConnectionsQuestion, NamesAsked } from './admin-view.ts';
import type { Info, Sample, ShardRow } from './answers.ts';
import { AskedShards } from './asked-shards.ts';
import { Backups } from './backups.ts';
import { connectionRows, type ListedSession } from './connection-rows.ts';
import { History } from './history.ts';
import { infoOf } from './info.ts';
import { type ShardLook, ShardRows } from './shard-rows.ts';
import { sumsOf } from './stats.ts';

type KickedSession = ListedSession & Pick<Session, 'end'>;

/** What is needed of a broker. */
export interface Operated<S extends KickedSession> {
  readonly settings: Pick<Settings, 'current'>;
  readonly log: Log;
  readonly shards: Pick<Shards, 'ask' | 'stats' | 'times' | 'restarts' | 'restartedAt'>;
  readonly open: ReadonlyMap<S, { readonly connectedAt: number }>;
  health(): Health;
  readonly store: Pick<StoreGuard, 'database'>;
}

/** The broker itself. */
interface Stoppable {
  readonly address: { readonly host: string; readonly port: number };
  readonly httpUrl: string | undefined;
  stop(): Promise<void>;
}

export class Admin<S extends KickedSession> implements AdminView {
  readonly #broker: Stoppable;
  readonly #of: Operated<S>;
  readonly #asked: AskedShards;
  readonly #backups: Backups;
  readonly #rows = new ShardRows();
  readonly #startedAt = Date.now();
  readonly history: History;
  readonly drainWished: Promise<void>;
  #wishDrain: () => void = () => undefined;

  constructor(broker: Stoppable, of: Operated<S>) {
    this.#broker = broker;
    this.#of = of;
    this.#asked = new AskedShards(of.shards, of.settings.current.SHARDS);
    this.#backups = new Backups(of);
    this.history = new History(
      () => this.#sample(),
      (error) => of.log.error({ err: error }, 'no sample could be taken'),
    );
    this.drainWished = new Promise((resolve) => {
      this.#wishDrain = resolve;
    });
  }

  async info(): Promise<Info> {
    const { settings, log, shards, open } = this.#of;
    const { address, httpUrl } = this.#broker;
    return infoOf({
      config: settings.current,
      startedAt: this.#startedAt,
      connections: open.size,
      sums: sumsOf(await shards.stats()),
      listening: { ...address, http: httpUrl ?? null },
      draining: this.#of.health().draining,
      logLevel: log.level,
    });
  }

  connections(question: ConnectionsQuestion): ConnectionsPage {
    return connectionRows(this.#of.open, question);
  }

  kick(id: number): boolean {
    for (const session of this.#of.open.keys()) {
      if (session.number !== id) continue;
      session.end(kicked());
      return true;
    }
    return false;
  }

  names(question: NamesAsked) {
    return this.#asked.names(question);
  }

  mail(name: string, after: number, limit: number) {
    return this.#asked.mail(name, after, limit);
  }

  purge(name: string) {
    return this.#asked.purge(name);
  }

  purgeOne(name: string, seq: number) {
    return this.#asked.purgeOne(name, seq);
  }

  /** The rates are those of the last sample. */
  async shards(): Promise<readonly ShardRow[]> {
    const newest = this.history.samples.at(-1)?.shards;
    return (await this.#looks()).map((look, shard) => {
      const [row] = new ShardRows().next([look], 0);
      const { receivedPerSecond = 0, deliveredPerSecond = 0, loopDelayMs = 0 } = newest?.[shard] ?? {};
      return { ...(row as ShardRow), shard, receivedPerSecond, deliveredPerSecond, loopDelayMs };
    });
  }

  async backup(withSecrets: boolean): Promise<BackupAnswer> {
    if (this.#of.health().draining) return { state: 'stopping' };
    return this.#backups.begin(withSecrets);
  }

  setLogLevel(level: (typeof LOG_LEVELS)[number]): void {
    this.#of.log.level = level;
  }

  drain(): void {
    this.#wishDrain();
    this.#broker.stop().catch((error: unknown) => this.#of.log.error({ err: error }, 'could not stop'));
  }

  async #looks(): Promise<ShardLook[]> {
    const { shards } = this.#of;
    const [stats, times] = await Promise.all([shards.stats(), shards.times()]);
    return shards.restarts.map((restarts, shard) => ({
      stats: stats[shard],
      times: times[shard],
      restarts,
      restartedAt: shards.restartedAt[shard],
    }));
  }

  async #sample(): Promise<Sample> {
    const shards = this.#rows.next(await this.#looks(), performance.now());
    const rssBytes = process.memoryUsage.rss();
    return { at: Date.now(), connections: this.#of.open.size, rssBytes, shards };
  }
}
