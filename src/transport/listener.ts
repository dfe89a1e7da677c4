/**
 * Listens on one address. Each connection is accepted, or told why it is refused. If the system runs out of
 * descriptors, which can happen at any time and passes, the listener recovers.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ended, told } from '../shared/codes/log-line.ts';
import { RAISE_OPEN_FILES } from '../shared/codes/operator.ts';
import type { SessionEndCode } from '../shared/codes/session-ends.ts';
import type { Config } from '../shared/common/config.ts';
import { EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import { type Log, type RateLimitedWarnings, say } from '../shared/common/log/log.ts';
import { startTimer } from '../shared/common/timer.ts';
import type { Visit } from '../shared/visitors/visit.ts';
import { cannotListen } from './listening/cannot-listen.ts';
import { Descriptors, isShortage, MAX_REFUSALS } from './listening/descriptors.ts';
import { type Place, placeOf } from './listening/place.ts';
import type { Proxies } from './proxy/forwarded-for.ts';
import { Introductions } from './proxy/introductions.ts';
import type { Handshakes } from './secure/handshakes.ts';
import { type AcceptedHandle, descriptorOf, numberOf, onAccepted, TcpTransport } from './tcp.ts';
import { DEAF, type Peer, type Transport, type TransportKind } from './transport.ts';

const BACKLOG = 4096;
/** A refused connection is closed after this long. */
const REFUSAL_MS = 2_000;
/** How often the limit of descriptors is read, which also shows whether one is left. */
const LOOK_MS = 1_000;
/** How long the listener pauses after it could not accept for want of descriptors. */
const REST_MS = 500;

/** Why a connection is refused. */
export interface Refusal {
  readonly code: SessionEndCode;
  /** The message for the log. */
  readonly message: string;
  /** What the peer is sent; undefined if nothing. */
  readonly answer: Uint8Array | undefined;
  /** After so many seconds it may try again, where that is known. */
  readonly retry?: number | undefined;
}

/** What a listener needs of the broker. */
export interface ListenerHost {
  /** The proxies that say whom they speak for. */
  readonly proxies: Proxies;
  /** Counts a connection that will be offered later. @returns its visit, or why it is refused */
  enter(peer: Peer, kind: TransportKind): Visit | Refusal;
  /**
   * Accepts a connection.
   * @param visit of one that was counted before
   * @returns why it is refused; undefined if it is accepted
   */
  take(transport: Transport, visit?: Visit): Refusal | undefined;
  /** @returns the refusal for a connection of a proxy that has not said whom it speaks for */
  unproxied(problem: string): Refusal;
  /** @returns the refusal for a connection for which there is no descriptor */
  crowded(kind: TransportKind): Refusal;
}

/** The listener of one address. */
export class Listener {
  readonly #config: Config;
  readonly #place: Place;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #host: ListenerHost;
  readonly #handshakes: Handshakes | undefined;
  readonly #descriptors: Descriptors;
  readonly #readBuffer: Buffer;
  readonly #server: Server;
  #address: AddressInfo | undefined;
  readonly #introductions = new Introductions(startTimer);
  /** Connections that are being told why they are refused. Each lasts REFUSAL_MS at most. */
  readonly #refused = new Set<Transport>();
  #look: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param readBuffer the buffer that all connections read into (TcpTransport)
   * @param handshakes makes the listener one of TLS, whose connections are offered after their handshakes
   */
  constructor(
    config: Config,
    log: Log,
    warnings: RateLimitedWarnings,
    readBuffer: Buffer,
    host: ListenerHost,
    handshakes?: Handshakes,
    descriptors = new Descriptors(),
  ) {
    this.#config = config;
    this.#place = placeOf(config, handshakes !== undefined);
    this.#log = log;
    this.#warnings = warnings;
    this.#host = host;
    this.#handshakes = handshakes;
    this.#descriptors = descriptors;
    this.#readBuffer = readBuffer;
    this.#server = createServer();
  }

  /**
   * Resolves when it listens.
   * @throws StartError if it cannot listen, or if there is no descriptor for any connection
   */
  async listen(): Promise<void> {
    const { host, port, settings } = this.#place;
    try {
      await this.#listenOn(port);
    } catch (error) {
      throw cannotListen(settings, host, port, error as NodeJS.ErrnoException);
    }
    if (this.#closed) {
      this.#server.close();
      return;
    }
    this.#address = this.#server.address() as AddressInfo;
    this.#server.on('error', (error) => this.#failed(error));
    this.#descriptors.look();
    const { room, limit } = this.#descriptors;
    if (room < 1) {
      throw new StartError(`${limit} open files are too few for any connection: ${RAISE_OPEN_FILES}`, EXIT_FAILED);
    }
    // All listeners share the descriptors, and one says so.
    if (this.#handshakes === undefined) this.compareLimits(this.#config.MAX_CONNECTIONS);
    this.#look = setInterval(() => this.#lookForDescriptors(), LOOK_MS);
    this.#look.unref();
  }

  /**
   * The address that it listens on.
   * @throws Error before `listen` has resolved
   */
  get address(): { readonly host: string; readonly port: number } {
    if (this.#address === undefined) throw new Error('it does not listen');
    return { host: this.#address.address, port: this.#address.port };
  }

  /** Whether it accepts connections now. */
  get listens(): boolean {
    return this.#server.listening;
  }

  /** Whether the descriptor of a connection is one that the store may need. */
  isKeptBack(socket: Socket): boolean {
    return this.#descriptors.isKeptBack(descriptorOf(socket));
  }

  /** Logs how many connections there can be, if that is less than MAX_CONNECTIONS. */
  compareLimits(maxConnections: number): void {
    const { room, limit } = this.#descriptors;
    if (room >= maxConnections) return;
    const wanted = Number.isFinite(maxConnections) ? { maxConnections } : {};
    say(this.#log, told('FEW_DESCRIPTORS', { limit, connections: room, ...wanted }));
  }

  /** Stops listening. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#look);
    clearTimeout(this.#rest);
    this.#server.close();
    this.#handshakes?.close();
    this.#introductions.close();
  }

  /** Closes the connections that are being told why they are refused. */
  abandonRefused(): void {
    for (const transport of this.#refused) transport.destroy();
  }

  #listenOn(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = this.#server;
      const listening = () => {
        server.off('error', failed);
        try {
          onAccepted(server, (handle) => this.#accept(handle));
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      const failed = (error: Error) => {
        server.off('listening', listening);
        reject(error);
      };
      server.once('error', failed);
      server.once('listening', listening);
      server.listen({ host: this.#place.host, port, backlog: BACKLOG });
    });
  }

  /**
   * Checks that a descriptor is left. Node closes a connection that it cannot accept, without any event. If it lacks
   * even the one descriptor for that, it tries again and again at full speed, also without any event.
   */
  #lookForDescriptors(): void {
    if (this.#descriptors.look()) return;
    this.#warnings.warn(told('NO_DESCRIPTORS', { limit: this.#descriptors.limit }));
    this.#takeRest();
  }

  #accept(handle: AcceptedHandle): void {
    const handshakes = this.#handshakes;
    const isKeptBack = this.#descriptors.isKeptBack(numberOf(handle));
    if (handshakes !== undefined && !isKeptBack) {
      handshakes.begin(handle, (transport, visit) => this.#offer(transport, visit));
      return;
    }
    const transport = new TcpTransport(handle, this.#readBuffer);
    if (!isKeptBack) {
      if (this.#host.proxies.has(transport.peer.address)) this.#introduce(transport);
      else this.#offer(transport);
      return;
    }
    const { limit } = this.#descriptors;
    this.#warnings.warn(told('DESCRIPTORS_KEPT_BACK', { limit, peer: transport.peer.text }));
    const crowded = this.#host.crowded(transport.kind);
    // Who expects a handshake cannot read what is said before it.
    this.#refuse(transport, handshakes === undefined ? crowded : { ...crowded, answer: undefined });
  }

  #introduce(transport: TcpTransport): void {
    const refuse = (problem: string) => this.#warnAndRefuse(transport, this.#host.unproxied(problem));
    this.#introductions.begin(transport, { take: () => this.#offer(transport), refuse });
  }

  #offer(transport: Transport, visit?: Visit): void {
    const why = this.#host.take(transport, visit);
    if (why !== undefined) this.#warnAndRefuse(transport, why);
  }

  #warnAndRefuse(transport: Transport, why: Refusal): void {
    this.#warnings.warn(ended(why, { peer: transport.peer.text }));
    this.#refuse(transport, why);
  }

  /** Tells a connection why it is refused, and closes it. */
  #refuse(transport: Transport, { answer }: Refusal): void {
    if (answer !== undefined) transport.outlet.write(answer, () => undefined);
    if (this.#refused.size >= MAX_REFUSALS) {
      // The peer still gets what the kernel has taken, unless it has sent bytes that were not read.
      transport.destroy();
      return;
    }
    this.#refused.add(transport);
    transport.start(DEAF);
    transport.end();
    const timer = setTimeout(() => transport.destroy(), REFUSAL_MS);
    void transport.closed.then(() => {
      clearTimeout(timer);
      this.#refused.delete(transport);
    });
  }

  /** An accept has failed. */
  #failed(error: Error): void {
    this.#warnings.warn(told('ACCEPT_FAILED', { err: error }));
    if (isShortage(error)) this.#takeRest();
  }

  /**
   * Stops listening for a while. Otherwise an accept for the waiting connections would be tried again at once, without
   * end.
   */
  #takeRest(): void {
    if (this.#closed || this.#rest !== undefined) return;
    this.#server.close();
    this.#rest = setTimeout(() => void this.#listenAgain(), REST_MS);
  }

  /**
   * Listens again. That also gives Node a new descriptor in reserve, with which it closes connections it cannot accept.
   */
  async #listenAgain(): Promise<void> {
    try {
      if (!this.#descriptors.look()) throw new Error('no descriptor is left');
      await this.#listenOn(this.address.port);
      this.#rest = undefined;
      this.#log.info(this.address, 'listening again');
    } catch (error) {
      this.#warnings.warn(told('LISTEN_FAILED', { err: error }));
      if (!this.#closed) this.#rest = setTimeout(() => void this.#listenAgain(), REST_MS);
    }
    if (this.#closed) this.#server.close();
  }
}
