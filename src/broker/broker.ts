/**
 * The broker: keeps the sessions by number, hands each what its shard says, and shuts down in stages.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type SessionError, tooManyConnections } from '../protocol/errors.ts';
import type { NameStanding, Notice } from '../protocol/notices.ts';
import { StrictLine } from '../protocol/strict/strict-line.ts';
import { Router } from '../router/router.ts';
import { Presence } from '../session/presence.ts';
import { Session, type SessionHost } from '../session/session.ts';
import { Turns } from '../session/turns.ts';
import type { Flushed } from '../shards/flushes.ts';
import { type MemoryPlan, planMemory } from '../shards/memory-plan.ts';
import { type Reattachment, reattachment } from '../shards/reattach.ts';
import { Shards } from '../shards/shards.ts';
import { reportAfterBytes } from '../shards/write-window.ts';
import type { Config } from '../shared/common/config.ts';
import { Deadline } from '../shared/common/deadline.ts';
import { type Log, RateLimitedWarnings, shortName } from '../shared/common/log/log.ts';
import type { RemoteShardControl, ShardStats } from '../shared/wire/control.ts';
import type { Frames } from '../shared/wire/frames.ts';
import type { AttachedAs, Limit, ShardNotice, ToMainHandler, WhoIs } from '../shared/wire/to-main.ts';
import type { AttachmentNumber } from '../shared/wire/to-shard.ts';
import { StoreKeeper } from '../store/guard/store-guard.ts';
import { Listener } from '../transport/listener.ts';
import { type SilentPeers, watchSilence } from '../transport/silent-peers.ts';
import type { Connection } from '../transport/tcp.ts';
import { DropReports, sayTotals } from './drop-reports.ts';

const MAX_ATTACHMENT = 2 ** 31 - 1;
/** The part of DRAIN_SECONDS that writers may take; the shards have the rest, and what the writers did not need. */
const WRITERS_SHARE = 0.75;
/** How long a shutdown waits for peers to close their side once all is written. */
const LINGER_MS = 500;
/** A shutdown asks this often whether mail still waits for peers that are here, and gives up when it moves no more. */
const FEED_POLL_MS = 5;
const STALLED_MS = 1_000;
/** How often it is said that a limit is reached. */
const LIMIT_WARNING_INTERVAL_MS = 60_000;
/** A running broker. */
export class Broker {
  readonly #config: Config;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #limits: RateLimitedWarnings;
  readonly #router: Router;
  readonly #shards: Shards;
  readonly #keeper: StoreKeeper;
  readonly #listener: Listener;
  readonly #host: SessionHost;
  readonly #sessions = new Map<AttachmentNumber, Session>();
  /** The sessions whose sockets are open, and the promise of each that it is closed. */
  readonly #open = new Map<Session, Promise<void>>();
  readonly #drops: DropReports;
  #silence: SilentPeers<Session> | undefined;
  #lastNumber = 0;
  #stopping: Promise<void> | undefined;

  private constructor(config: Config, log: Log, keeper: StoreKeeper, plan: MemoryPlan) {
    this.#config = config;
    this.#log = log;
    this.#keeper = keeper;
    this.#warnings = new RateLimitedWarnings(log);
    this.#limits = new RateLimitedWarnings(log, LIMIT_WARNING_INTERVAL_MS);
    const toShard = (shard: number) => plan.shards[shard]?.toShard;
    const turns = new Turns();
    this.#router = new Router(config.SHARDS, {
      endOfTurn: (step) => turns.atEnd(step),
      lentTo: toShard,
      maxNames: config.MAX_DESTINATIONS,
    });
    const host = {
      handler: (shard: number) => this.#handler(shard),
      reattach: (shard: number) => this.#reattach(shard),
    };
    this.#shards = new Shards(config, log, this.#router.outboxes, plan, host, keeper.forShards);
    keeper.serve(this.#shards);
    this.#host = {
      config,
      router: this.#router,
      memory: plan.arena.memory,
      slabs: plan.slabs,
      turns,
      presence: new Presence(),
      strict: config.STRICT === 'on' ? new StrictLine(config.MAX_LINE_BYTES, config.MAX_NAME_BYTES) : undefined,
      reportAfterBytes: reportAfterBytes(config),
    };
    this.#listener = new Listener(config, log, this.#warnings, plan.readBuffer, {
      connections: () => this.#open.size,
      take: (connection) => this.#take(connection),
    });
    this.#drops = new DropReports(() => this.stats(), log);
  }

  /**
   * Starts a broker.
   * @param stop when it is aborted before the broker serves, the start is undone
   * @throws StartError if it cannot have its memory or its store, or cannot listen; or why `stop` was aborted
   */
  static async start(config: Config, log: Log, stop = new AbortController().signal): Promise<Broker> {
    stop.throwIfAborted();
    const plan = planMemory(config.SHARDS);
    const broker = new Broker(config, log, await StoreKeeper.open(config, log), plan);
    try {
      await unlessAborted(stop, broker.#shards.ready());
      await unlessAborted(stop, broker.#listener.listen());
      broker.#silence = watchSilence(config, broker.address.port, () => [...broker.#open.keys()], broker.#warnings);
    } catch (error) {
      broker.#listener.close();
      broker.#drops.end();
      await broker.#shards.destroy();
      await broker.#keeper.close('broken off');
      throw error;
    }
    return broker;
  }

  /** The address it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#listener.address;
  }

  /** Open connections. */
  get connections(): number {
    return this.#open.size;
  }

  stats(): Promise<(ShardStats | undefined)[]> {
    return this.#shards.stats();
  }

  /** Resolves when all lines that were read before are routed, decided, and with their writers. */
  flushed(): Promise<Flushed> {
    return this.#shards.flushed();
  }

  /** Whether lines that were read wait for their turn, or for a shard. */
  get hasUnrouted(): boolean {
    return this.#host.turns.hasWaiting || this.#router.outboxes.some((outbox) => outbox.hasWaiting);
  }

  /** The control of a shard, for faults made on purpose. */
  control(shard: number): RemoteShardControl | undefined {
    return this.#shards.control(shard);
  }

  /**
   * Shuts down in stages, within DRAIN_SECONDS; a second call waits for the first.
   * @throws Error if shards could not drain in that time, or store what they hold
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { DRAIN_SECONDS } = this.#config;
    this.#drops.end();
    this.#silence?.end();

    // 1. Nobody new. After this the set of sessions only shrinks.
    this.#listener.close();

    // 2. Nothing new. After this every line that was read has been routed, and what came of it is with the writers.
    const sessions = [...this.#open.keys()];
    for (const session of sessions) session.quiesce();
    const deadline = new Deadline(DRAIN_SECONDS * 1000);
    const writersDeadline = new Deadline(DRAIN_SECONDS * 1000 * WRITERS_SHARE);
    await writersDeadline.race(this.#routedAll());

    // 3. The readers end, and by that the writers: each finishes its write, or is cut off at the deadline. Peers may
    // then close their side; those that do not are closed. After this every writer has put its last return.
    for (const session of sessions) {
      session.notice({ kind: 'closing', reason: 'the broker is stopping' });
      session.end();
    }
    await writersDeadline.race(Promise.all(sessions.map((session) => session.whenLeft)));
    const linger = new Deadline(Math.min(LINGER_MS, writersDeadline.leftMs));
    await linger.race(Promise.all(this.#open.values()));
    for (const session of this.#open.keys()) session.abandon();
    this.#listener.abandonRefused();
    await Promise.all(this.#open.values());
    linger.clear();
    writersDeadline.clear();

    // 4. Each shard is told to drain, behind all returns. After this every frame is accounted for, and the threads
    // have nothing left to do.
    const stats = await deadline.race(this.#shards.drain());
    deadline.clear();
    if (stats !== undefined) sayTotals(stats, this.#log);

    // 5. Nothing keeps the process any more, and another broker may have the store.
    await this.#shards.destroy();
    await this.#keeper.close(stats === undefined ? 'broken off' : 'in order');
    if (stats === undefined) throw new Error('shards did not drain in time: what was not in the store yet is lost');
  }

  /**
   * Resolves when no session waits for a shard, the shards have worked off everything, the store has done what it was
   * asked, and no mail waits for a peer that is here; or when only such mail is left and has not become less for a
   * while, because its peers do not read.
   */
  async #routedAll(): Promise<void> {
    let least = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    for (;;) {
      // What a session has read goes out when its shard has answered, which is behind this flush.
      const asking = [...this.#open.keys()].some(({ standing }) => standing === 'asked');
      const { waiting, storing } = await this.#shards.flushed();
      if (waiting === 0 && !storing && !asking && !this.hasUnrouted) break;
      // Lists go out in parts, at the pace of the disk: while there are any, or the disk is at work, things move.
      if (waiting < least || storing || this.hasUnrouted) {
        least = Math.min(least, waiting);
        movedAt = performance.now();
      }
      if (performance.now() - movedAt > STALLED_MS) return;
      await sleep(FEED_POLL_MS);
    }
    // What came of the last words has been handed to the writers when this is answered.
    await this.#shards.flushed();
  }

  /** Takes a connection. @returns why it does not, if so */
  #take(connection: Connection): SessionError | undefined {
    const { MAX_CONNECTIONS } = this.#config;
    if (this.#open.size >= MAX_CONNECTIONS) return tooManyConnections(MAX_CONNECTIONS);
    const session = new Session(this.#nextNumber(), connection, this.#host);
    this.#sessions.set(session.number, session);
    this.#open.set(session, this.#run(session));
    return undefined;
  }

  async #run(session: Session): Promise<void> {
    this.#log.debug(who(session), 'connected');
    const failure = await session.run();
    this.#open.delete(session);
    if (session.name === undefined) this.#sessions.delete(session.number);
    this.#log.debug(who(session), 'disconnected');
    if (failure !== undefined) this.#sayFailure(who(session), failure);
  }

  #sayFailure(fields: object, failure: SessionError): void {
    const all = { ...fields, code: failure.code };
    if (failure.code === 'SOCKET') this.#log.debug(all, failure.message);
    else this.#warnings.warn(failure.code, all, failure.message);
  }

  /** The next number that no session has. */
  #nextNumber(): AttachmentNumber {
    do this.#lastNumber = this.#lastNumber === MAX_ATTACHMENT ? 1 : this.#lastNumber + 1;
    while (this.#sessions.has(this.#lastNumber));
    return this.#lastNumber;
  }

  #handler(shard: number): Omit<ToMainHandler, 'worked' | 'flushed'> {
    return {
      attached: (attachment, as, waiting) => this.#attached(attachment, as, waiting),
      delivered: (attachment, frames) => this.#deliver(shard, attachment, frames),
      settled: (attachment) => this.#sessions.delete(attachment),
      noticed: (sender, kind, name, more) => this.#sessions.get(sender)?.notice(shardNotice(kind, name, more)),
      whoIs: (asker, name, whoIs) =>
        this.#sessions.get(asker)?.answered({ kind: 'who is', name, standing: standingOf(whoIs) }),
      limited: (limit, name) => this.#sayLimit(shard, limit, name),
      storeFailed: (failure, message) => this.#keeper.failed(shard, failure, message),
    };
  }

  #sayLimit(shard: number, limit: Limit, name: Uint8Array): void {
    const of = name.length === 0 ? {} : { name: shortName(name) };
    this.#limits.warn(limit, { shard, code: 'LIMIT', limit, ...of }, `${limit} is reached`);
  }

  #attached(attachment: AttachmentNumber, as: AttachedAs, waiting: number): void {
    const session = this.#sessions.get(attachment);
    session?.attached(as, waiting);
    if (session !== undefined) this.#log.debug({ ...who(session), as, waiting }, 'named');
  }

  #deliver(shard: number, attachment: AttachmentNumber, frames: Frames): void {
    const writer = this.#sessions.get(attachment)?.writer;
    if (writer !== undefined) writer.deliver(frames);
    else this.#log.error({ shard, attachment, frames: frames.count }, 'mail for nobody');
  }

  /** What a new shard must know of the sessions its crashed one knew. */
  #reattach(shard: number): Reattachment {
    const sessions = [...this.#sessions.values()].filter((session) => session.shard === shard);
    return reattachment(sessions, this.#router.outbox(shard).batch);
  }
}

/** As `work`, but rejects at once when `signal` is aborted; `work` is nobody's then. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What the log says of a session: its number, whose it is, and where it comes from. */
function who(session: Session): object {
  const { number, name, peer } = session;
  return { session: number, ...(name === undefined ? {} : { name: shortName(name) }), peer };
}

function shardNotice(kind: ShardNotice, name: Uint8Array, more: number): Notice {
  return kind === 'others' ? { kind, more } : { kind, name, more };
}

function standingOf({ state, awaySeconds, waiting }: WhoIs): NameStanding {
  if (state !== 'away') return { state, waiting };
  return { state, waiting, since: Date.now() / 1000 - awaySeconds };
}
