/**
 * The broker: it builds its parts, accepts connections, dispatches what shards post to sessions, and stops everything
 * in order.
 */
import { HttpServer } from '../http/server.ts';
import { HashPlacement } from '../router/placement.ts';
import { Router } from '../router/router.ts';
import { type Auth, openAuth } from '../session/auth/auth.ts';
import { Turns } from '../session/reader/turns.ts';
import type { Session } from '../session/session.ts';
import type { SessionHost } from '../session/session-host.ts';
import { SessionTable } from '../session/session-table.ts';
import type { Flushed } from '../shards/flushes.ts';
import { type MemoryPlan, planMemory } from '../shards/memory-plan.ts';
import { type Reattachment, reattachment } from '../shards/reattach.ts';
import type { ShardCalls } from '../shards/shard-link.ts';
import { Shards } from '../shards/shards.ts';
import { told } from '../shared/codes/log-line.ts';
import { Settings } from '../shared/common/config/settings.ts';
import type { Config } from '../shared/common/config.ts';
import { unlessAborted } from '../shared/common/deadline.ts';
import { type Log, RateLimitedWarnings, shortName } from '../shared/common/log/log.ts';
import type { ToMainHandler } from '../shared/wire/read-to-main.ts';
import type { Limit } from '../shared/wire/records.ts';
import { StoreGuard } from '../store/guard/store-guard.ts';
import { Listeners } from '../transport/listeners.ts';
import { WebSocketGate } from '../transport/websocket/gate.ts';
import { Admin } from './admin/admin.ts';
import { type BrokerView, brokerView, type Health } from './broker-view.ts';
import { ConnectionCounts } from './connections/connection-counts.ts';
import { Connections } from './connections/connections.ts';
import { DropReports } from './drop-reports.ts';
import { Figures } from './figures.ts';
import { partsOf } from './reload/parts.ts';
import { type ReloadOutcome, Reloads } from './reload/reloads.ts';
import { type SharedParts, sharedParts, withSettings } from './reload/session-host.ts';
import { shutDown } from './shutdown.ts';

/** Each limit is logged at most once in this time. */
const LIMIT_WARNING_INTERVAL_MS = 60_000;

/** What a broker is built on. */
interface Opened {
  readonly guard: StoreGuard;
  readonly plan: MemoryPlan;
  readonly auth: Auth;
  /** Reads the settings again. */
  readonly read: () => Promise<Config>;
}

/** A running broker. */
export class Broker {
  /** The settings in force, which parts to come can take part in changing. */
  readonly settings: Settings;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #limits: RateLimitedWarnings;
  readonly #router: Router;
  readonly #shards: Shards;
  readonly #guard: StoreGuard;
  readonly ports: Listeners;
  readonly #auth: Auth;
  readonly #shared: SharedParts;
  /** What sessions are given that begin now. */
  #host: SessionHost;
  readonly #sessions: SessionTable<Session>;
  readonly #connections: Connections;
  readonly #webSockets: WebSocketGate;
  /** The broker as HTTP, tools and tests see it. */
  readonly view: BrokerView;
  readonly #drops: DropReports;
  readonly #counts = new ConnectionCounts();
  readonly #figures: Figures;
  readonly #reloads: Reloads;
  #http: HttpServer | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(config: Config, log: Log, { guard, plan, auth, read }: Opened) {
    const settings = new Settings(config);
    this.settings = settings;
    this.#auth = auth;
    this.#log = log;
    this.#guard = guard;
    this.#sessions = new SessionTable(log);
    this.#warnings = new RateLimitedWarnings(log);
    this.#limits = new RateLimitedWarnings(log, LIMIT_WARNING_INTERVAL_MS);
    const toShard = (shard: number) => plan.shards[shard]?.toShard;
    const turns = new Turns();
    const placement = new HashPlacement(config.SHARDS);
    this.#router = new Router(placement, { endOfTurn: (step) => turns.atEnd(step), poolTo: toShard });
    const shardHost = {
      handler: (shard: number) => this.#handler(shard),
      reattach: (shard: number) => this.#reattach(shard),
    };
    this.#shards = new Shards(config, log, this.#router.outboxes, plan, shardHost, guard.forShards, turns);
    guard.serve(this.#shards);
    this.#shared = sharedParts(config, plan, { authenticator: auth.authenticator, router: this.#router, turns });
    const clocks = { now: Date.now, mailSeconds: () => guard.clock.exactly() };
    const hostWith = (next: Config) => withSettings(next, this.#shared, placement, clocks);
    this.#host = hostWith(config);
    const host = () => this.#host;
    const isStopping = () => this.#stopping !== undefined;
    this.#connections = new Connections({
      get config() {
        return settings.current;
      },
      get host() {
        return host();
      },
      log,
      warnings: this.#warnings,
      counts: this.#counts,
      sessions: this.#sessions,
      isStopping,
    });
    this.ports = new Listeners(config, log, this.#warnings, plan.readBuffer, this.#connections);
    this.#webSockets = new WebSocketGate(config, this.#warnings, plan.readBuffer, this.#connections);
    this.#reloads = new Reloads({ settings, log, read, isStopping });
    settings.add(partsOf({ log, settings, shards: this.#shards, connections: this.#connections, ports: this.ports }));
    const serveNew = (next: SessionHost) => {
      this.#host = next;
    };
    settings.add({ prepare: (next) => serveNew.bind(undefined, hostWith(next)) });
    const { open } = this.#connections;
    this.#figures = new Figures({
      shards: this.#shards,
      router: this.#router,
      open,
      counts: this.#counts,
      auth: auth.counts,
      slowed: this.#connections.rates.slowed,
      settings,
      reloads: this.#reloads,
      ports: this.ports,
    });
    const health = () => this.#health();
    this.view = brokerView({
      health,
      shardStats: () => this.#shards.stats(),
      open,
      figures: () => this.#figures.take(),
      reload: () => this.reload(),
      stop: () => this.stop(),
      admin: new Admin(this, { settings, log, shards: this.#shards, open, store: guard, health }),
    });
    this.#drops = new DropReports(this.view.stats, log);
  }

  /**
   * Starts a broker. Resolves when it accepts connections.
   * @param stop undoes the start if it is aborted before that
   * @param read reads the settings again, for a reload; without it they stay as they are
   * @throws StartError if there is no memory, no store, or no address to listen on; or the reason of `stop`
   */
  static async start(
    config: Config,
    log: Log,
    stop: AbortSignal = new AbortController().signal,
    read: () => Promise<Config> = async () => config,
  ): Promise<Broker> {
    stop.throwIfAborted();
    const plan = planMemory(config.SHARDS);
    const guard = await StoreGuard.open(config, log);
    const auth = await openAuth(config, log).catch(async (error: unknown) => {
      await guard.close('broken off');
      throw error;
    });
    const broker = new Broker(config, log, { guard, plan, auth, read });
    try {
      await unlessAborted(stop, broker.#shards.ready());
      broker.#http = await broker.#serveHttp();
      await unlessAborted(stop, broker.ports.listen());
      broker.#shared.pings.start();
      broker.#connections.watch(broker.address.port, 'tcp');
      broker.#connections.watch(broker.ports.secureAddress?.port, 'tls');
      broker.#connections.watch(broker.#http?.port, 'websocket');
    } catch (error) {
      broker.ports.close();
      await broker.#http?.close();
      broker.#drops.end();
      broker.#figures.end();
      await broker.#shards.destroy();
      await auth.close();
      await broker.#guard.close('broken off');
      throw error;
    }
    return broker;
  }

  /** The address that the broker listens on. */
  get address(): { readonly host: string; readonly port: number } {
    return this.ports.address;
  }

  /** Where a browser on this machine reaches the broker; undefined if HTTP is off. */
  get httpUrl(): string | undefined {
    return this.#http?.url;
  }

  /**
   * Resolves when every line read before this call has been routed, its shards have decided about it, and what they
   * deliver is with the writers.
   */
  flushed(): Promise<Flushed> {
    return this.#shards.flushed();
  }

  /** Whether lines that were read still wait, for the next turn of the event loop or for a congested shard. */
  get hasUnrouted(): boolean {
    return this.#shared.turns.hasWaiting || this.#router.outboxes.some((outbox) => outbox.hasWaiting);
  }

  /** The control calls of a shard, for tests that make it fail; undefined while it is down. */
  control(shard: number): ShardCalls | undefined {
    return this.#shards.control(shard);
  }

  /** Takes the settings as they are written now, all or nothing. No session ends by it. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    return this.#reloads.reload();
  }

  /**
   * Stops the broker in stages, within DRAIN_SECONDS. A second call returns the promise of the first.
   * @throws Error if lines could not be routed, or shards could not drain or store their mail, in that time
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #stop(): Promise<void> {
    this.#drops.end();
    this.#figures.end();
    this.#connections.endWatches();
    this.#webSockets.close();
    this.#shared.pings.end();
    const running = {
      listener: this.ports,
      open: this.#connections.open,
      shards: this.#shards,
      guard: this.#guard,
      http: this.#http,
      hasUnrouted: () => this.hasUnrouted,
    };
    const drainMs = this.settings.current.DRAIN_SECONDS * 1000;
    return shutDown(running, drainMs, this.#log).finally(() => this.#auth.close());
  }

  #health(): Health {
    return {
      draining: this.#stopping !== undefined,
      listens: this.ports.listens,
      hasRoom: this.#connections.hasRoom,
      store: this.#guard.state,
      shardsUp: this.#shards.up,
    };
  }

  async #serveHttp(): Promise<HttpServer | undefined> {
    const credentials = await this.ports.readCertificate();
    return HttpServer.listen({
      settings: this.settings,
      view: this.view,
      authenticator: this.#auth.authenticator,
      warnings: this.#warnings,
      upgrades: this.#webSockets,
      credentials,
      isKeptBack: this.ports.isKeptBack,
      connect: (transport) => this.#connections.take(transport),
      enter: (peer) => this.#connections.enterHttp(peer),
      proxies: this.#connections.proxies,
    });
  }

  #handler(shard: number): Omit<ToMainHandler, 'acknowledged' | 'flushed' | 'released'> {
    return {
      ...this.#sessions.handler(shard),
      expired: (name, frame, state) => this.#shared.receipts.tell(frame, name, state),
      limited: (limit, name) => this.#sayLimit(shard, limit, name),
      storeFailed: (failure, message) => {
        this.#counts.storeFailed(failure);
        this.#guard.failed(shard, failure, message);
      },
    };
  }

  #sayLimit(shard: number, limit: Limit, name: Uint8Array): void {
    this.#counts.limit(limit);
    const of = name.length === 0 ? {} : { name: shortName(name) };
    this.#limits.warn(told('LIMIT', { shard, limit, ...of }), limit);
  }

  /** What the next life of a crashed shard is told about its sessions. */
  #reattach(shard: number): Reattachment {
    return reattachment(this.#sessions.lostShard(shard), this.#router.outbox(shard).batch);
  }
}
