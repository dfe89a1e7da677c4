/**
 * The broker: accepts connections, keeps the sessions by number, hands each what its shard says, and shuts down in
 * stages.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteShardControl, ShardStats } from './channel/control.ts';
import type { Frames } from './channel/frames.ts';
import type { ShardNotice, ToMainHandler, WhoIs } from './channel/to-main.ts';
import type { AttachmentNumber } from './channel/to-shard.ts';
import type { Config } from './config.ts';
import { Deadline } from './deadline.ts';
import { EXIT_FAILED, type SessionError, StartError, tooManyConnections } from './errors.ts';
import { type Log, RateLimitedWarnings } from './log.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import { type NameStanding, type Notice, noticeLine } from './notices.ts';
import { Presence } from './presence.ts';
import { type Reattachment, reattachment } from './reattach.ts';
import { Router } from './router.ts';
import { Session, type SessionHost } from './session.ts';
import { type Flushed, Shards } from './shards.ts';
import { Connection } from './socket.ts';
import { StoreKeeper } from './store-keeper.ts';
import { StrictLine } from './strict-line.ts';
import { DropReports, sayTotals } from './totals.ts';
import { reportAfterBytes } from './window.ts';

const MAX_ATTACHMENT = 2 ** 31 - 1;
const BACKLOG = 4096;
/** A connection is probed after this long without a word, so that one whose peer has vanished ends some day. */
const KEEP_ALIVE_MS = 60_000;
/** The part of DRAIN_SECONDS that writers may take; the rest is for the shards. */
const WRITERS_SHARE = 0.75;
/** How long a shutdown waits for peers to close their side once all is written. */
const LINGER_MS = 500;
/** A shutdown asks this often whether mail still waits for peers that are here, and gives up when it moves no more. */
const FEED_POLL_MS = 5;
const STALLED_MS = 1_000;
/** A refused connection may take this long to read why. */
const REFUSAL_MS = 2_000;
/** A running broker. */
export class Broker {
  readonly #config: Config;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #router: Router;
  readonly #shards: Shards;
  readonly #keeper: StoreKeeper | undefined;
  readonly #server: Server;
  readonly #host: SessionHost;
  readonly #sessions = new Map<AttachmentNumber, Session>();
  /** The sessions whose sockets are open, and the promise of each that it is closed. */
  readonly #open = new Map<Session, Promise<void>>();
  /** Connections that were too many and are being told so: each lasts REFUSAL_MS at most. */
  readonly #refused = new Set<Socket>();
  readonly #drops: DropReports;
  #lastNumber = 0;
  #stopping: Promise<void> | undefined;

  private constructor(config: Config, log: Log, keeper: StoreKeeper | undefined, plan: MemoryPlan) {
    this.#config = config;
    this.#log = log;
    this.#keeper = keeper;
    this.#warnings = new RateLimitedWarnings(log);
    this.#router = new Router(config.SHARDS, setImmediate, (shard) => plan.shards[shard]?.toShard);
    this.#shards = new Shards(config, log, this.#router.outboxes, plan, {
      handler: (shard) => this.#handler(shard),
      reattach: (shard) => this.#reattach(shard),
    });
    this.#router.onUnaddressed = (sender) => this.#sessions.get(sender)?.hint();
    this.#host = {
      config,
      router: this.#router,
      plan,
      presence: new Presence(),
      strict: config.STRICT === 'on' ? new StrictLine(config.MAX_LINE_BYTES, config.MAX_NAME_BYTES) : undefined,
      reportAfterBytes: reportAfterBytes(config),
    };
    this.#server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
        pauseOnConnect: true,
      },
      (socket) => this.#accept(new Connection(socket, plan.readBuffer)),
    );
    this.#drops = new DropReports(() => this.stats(), log);
  }

  /**
   * Starts a broker.
   * @throws StartError if it cannot have its memory or its store, or cannot listen
   */
  static async start(config: Config, log: Log): Promise<Broker> {
    const plan = planMemory(config.SHARDS);
    const broker = new Broker(config, log, await StoreKeeper.open(config, log), plan);
    try {
      await broker.#shards.ready();
      await broker.#listen();
    } catch (error) {
      broker.#drops.end();
      await broker.#shards.destroy();
      await broker.#keeper?.close();
      throw error;
    }
    return broker;
  }

  /** The address it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
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

    // 1. Nobody new. After this the set of sessions only shrinks.
    this.#server.close();

    // 2. Nothing new. After this every line that was read has been routed, and what came of it is with the writers.
    const sessions = [...this.#open.keys()];
    for (const session of sessions) {
      session.quiesce();
      session.notice({ kind: 'closing', reason: 'the broker is stopping' });
    }
    const writersDeadline = new Deadline(DRAIN_SECONDS * 1000 * WRITERS_SHARE);
    await writersDeadline.race(this.#routedAll());

    // 3. The readers end, and by that the writers: each finishes its write, or is cut off at the deadline. Peers may
    // then close their side; those that do not are closed. After this every writer has put its last return.
    for (const session of sessions) session.end();
    await writersDeadline.race(Promise.all(sessions.map((session) => session.whenLeft)));
    const linger = new Deadline(Math.min(LINGER_MS, writersDeadline.leftMs));
    await linger.race(Promise.all(this.#open.values()));
    for (const session of this.#open.keys()) session.abandon();
    for (const socket of this.#refused) socket.destroy();
    await Promise.all(this.#open.values());
    linger.clear();
    writersDeadline.clear();

    // 4. Each shard is told to drain, behind all returns. After this every frame is accounted for, and the threads
    // have nothing left to do.
    const drainDeadline = new Deadline(DRAIN_SECONDS * 1000 * (1 - WRITERS_SHARE));
    const stats = await drainDeadline.race(this.#shards.drain());
    drainDeadline.clear();
    if (stats !== undefined) sayTotals(stats, this.#log);

    // 5. Nothing keeps the process any more, and another broker may have the store.
    await this.#shards.destroy();
    await this.#keeper?.close();
    if (stats === undefined) throw new Error('shards did not drain in time: what was not in the store yet is lost');
  }

  /**
   * Resolves when no session waits for a shard, the shards have worked off everything, the store has done what it was
   * asked, and no mail waits for a peer that is here; or when such mail has not become less for a while, because its
   * peers do not read or the store does not answer.
   */
  async #routedAll(): Promise<void> {
    let least = Number.POSITIVE_INFINITY;
    let movedAt = performance.now();
    for (;;) {
      const { waiting, storing } = await this.#shards.flushed();
      if (waiting === 0 && !storing && !this.#router.outboxes.some((outbox) => outbox.hasWaiting)) break;
      if (waiting < least) {
        least = waiting;
        movedAt = performance.now();
      }
      if (performance.now() - movedAt > STALLED_MS) return;
      await sleep(FEED_POLL_MS);
    }
    // What came of the last words has been handed to the writers when this is answered.
    await this.#shards.flushed();
  }

  #listen(): Promise<void> {
    const { HOST, PORT } = this.#config;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(new StartError(cannotListen(HOST, PORT, error), EXIT_FAILED, { cause: error }));
      });
      this.#server.listen({ host: HOST, port: PORT, backlog: BACKLOG }, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', (error) => this.#warnings.warn('accept', { err: error }, 'cannot accept'));
        resolve();
      });
    });
  }

  #accept(connection: Connection): void {
    if (this.#open.size >= this.#config.MAX_CONNECTIONS) {
      this.#refuse(connection);
      return;
    }
    const session = new Session(this.#nextNumber(), connection, this.#host);
    this.#sessions.set(session.number, session);
    this.#open.set(session, this.#run(session));
  }

  async #run(session: Session): Promise<void> {
    this.#log.debug({ session: session.number }, 'connected');
    const failure = await session.run();
    this.#open.delete(session);
    if (session.name === undefined) this.#sessions.delete(session.number);
    this.#log.debug({ session: session.number }, 'disconnected');
    if (failure !== undefined) this.#sayFailure(session, failure);
  }

  #sayFailure(session: Session, failure: SessionError): void {
    const fields = { session: session.number, code: failure.code };
    if (failure.code === 'SOCKET') this.#log.debug(fields, failure.message);
    else this.#warnings.warn(failure.code, fields, failure.message);
  }

  #refuse(socket: Socket): void {
    const error = tooManyConnections(this.#config.MAX_CONNECTIONS);
    this.#warnings.warn(error.code, { code: error.code }, error.message);
    this.#refused.add(socket);
    socket.on('error', () => undefined); // it was not let in: how it leaves is no matter
    socket.resume();
    if (this.#config.NOTICES === 'on') socket.write(noticeLine({ kind: 'closing', reason: error.message }));
    socket.end();
    const timer = setTimeout(() => socket.destroy(), REFUSAL_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.delete(socket);
    });
  }

  /** The next number that no session has. */
  #nextNumber(): AttachmentNumber {
    do this.#lastNumber = this.#lastNumber === MAX_ATTACHMENT ? 1 : this.#lastNumber + 1;
    while (this.#sessions.has(this.#lastNumber));
    return this.#lastNumber;
  }

  #handler(shard: number): Omit<ToMainHandler, 'worked' | 'flushed'> {
    return {
      attached: (attachment, receiving, waited) => this.#sessions.get(attachment)?.attached(receiving, waited),
      delivered: (attachment, frames) => this.#deliver(shard, attachment, frames),
      settled: (attachment) => this.#sessions.delete(attachment),
      noticed: (sender, kind, name, more) => this.#sessions.get(sender)?.notice(shardNotice(kind, name, more)),
      whoIs: (asker, name, whoIs) =>
        this.#sessions.get(asker)?.notice({ kind: 'who is', name, standing: standingOf(whoIs) }),
      storeFailed: (failure, message) => this.#keeper?.failed(shard, failure, message, this.#shards),
    };
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

function shardNotice(kind: ShardNotice, name: Uint8Array, more: number): Notice {
  return kind === 'others' ? { kind, more } : { kind, name, more };
}

function standingOf({ state, awaySeconds, waiting }: WhoIs): NameStanding {
  if (state !== 'away') return { state, waiting };
  return { state, waiting, since: Date.now() / 1000 - awaySeconds };
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return `PORT ${port} on ${host} is taken: another program listens there`;
  if (error.code === 'EACCES') return `PORT ${port} on ${host} needs a right that this user has not`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return `HOST ${host} is no address of this machine`;
  return `cannot listen on ${host}:${port}: ${error.message}`;
}
