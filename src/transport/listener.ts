/**
 * One address that the broker listens on: what connects there is taken, or told why it is not. It holds out where the
 * system has no descriptors, which can be at any moment and passes.
 */
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Config } from '../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import type { Log, RateLimitedWarnings } from '../shared/common/log/log.ts';
import { Descriptors, isShortage, MAX_REFUSALS } from './descriptors.ts';
import { TcpTransport } from './tcp.ts';
import type { ByteSink, Transport } from './transport.ts';

const BACKLOG = 4096;
const MAX_PORT = 65_535;
/** A connection is probed after this long without a word, so that one whose peer has vanished ends some day. */
const KEEP_ALIVE_MS = 60_000;
/** A refused connection may take this long to read why. */
const REFUSAL_MS = 2_000;
/** How often the limit of descriptors is looked at, and whether there is one left. */
const LOOK_MS = 1_000;
/** How long nobody is accepted where that failed for want of descriptors. */
const REST_MS = 500;

/** Takes what a refused connection says, for nobody. */
const DEAF: ByteSink = { read: () => undefined, end: () => undefined, fail: () => undefined };

/** Why a connection is not taken. */
export interface Refusal {
  readonly code: string;
  /** For the log. */
  readonly message: string;
  /** What its peer is told, if anything. */
  readonly answer: Uint8Array | undefined;
}

export interface ListenerHost {
  /** Takes a connection. @returns why it does not, if so */
  take(transport: Transport): Refusal | undefined;
  /** What a connection is told for which there is no room. */
  crowded(): Refusal;
}

export class Listener {
  readonly #config: Config;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #host: ListenerHost;
  readonly #descriptors: Descriptors;
  readonly #server: Server;
  #address: AddressInfo | undefined;
  /** Connections that are being told why they are not taken: each lasts REFUSAL_MS at most. */
  readonly #refused = new Set<Transport>();
  #look: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param readBuffer what connections read into, see TcpTransport */
  constructor(
    config: Config,
    log: Log,
    warnings: RateLimitedWarnings,
    readBuffer: Buffer,
    host: ListenerHost,
    descriptors = new Descriptors(),
  ) {
    this.#config = config;
    this.#log = log;
    this.#warnings = warnings;
    this.#host = host;
    this.#descriptors = descriptors;
    this.#server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
        pauseOnConnect: true,
      },
      (socket) => this.#accept(new TcpTransport(socket, readBuffer)),
    );
  }

  /**
   * Resolves when it listens.
   * @throws StartError if it cannot, or if the system lets the process have no connections
   */
  async listen(): Promise<void> {
    const { HOST, PORT } = this.#config;
    try {
      await this.#listenOn(PORT);
    } catch (error) {
      throw cannotListen(HOST, PORT, error as NodeJS.ErrnoException);
    }
    if (this.#closed) {
      this.#server.close();
      return;
    }
    this.#address = this.#server.address() as AddressInfo;
    this.#server.on('error', (error) => this.#failed(error));
    this.#compareLimits();
    this.#look = setInterval(() => this.#lookForDescriptors(), LOOK_MS);
    this.#look.unref();
  }

  /** The address it listens on. */
  get address(): { readonly host: string; readonly port: number } {
    if (this.#address === undefined) throw new Error('it does not listen');
    return { host: this.#address.address, port: this.#address.port };
  }

  /** Takes nobody new. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#look);
    clearTimeout(this.#rest);
    this.#server.close();
  }

  /** Does not wait for those that are being told why they were not taken. */
  abandonRefused(): void {
    for (const transport of this.#refused) transport.destroy();
  }

  #listenOn(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = this.#server;
      const listening = () => {
        server.off('error', failed);
        resolve();
      };
      const failed = (error: Error) => {
        server.off('listening', listening);
        reject(error);
      };
      server.once('error', failed);
      server.once('listening', listening);
      server.listen({ host: this.#config.HOST, port, backlog: BACKLOG });
    });
  }

  /** Says how many connections there can be, where that is less than there may be. */
  #compareLimits(): void {
    this.#descriptors.look();
    const { room, limit } = this.#descriptors;
    const { MAX_CONNECTIONS } = this.#config;
    if (room >= MAX_CONNECTIONS) return;
    const raise = 'raise the limit of open files ("ulimit -n", LimitNOFILE of systemd, ulimits of Compose)';
    if (room < 1) {
      throw new StartError(`${limit} open files are too few for any connection: ${raise}`, EXIT_FAILED);
    }
    const wanted = Number.isFinite(MAX_CONNECTIONS)
      ? `, not MAX_CONNECTIONS ${MAX_CONNECTIONS}: ${raise} to ${limit - room + MAX_CONNECTIONS}`
      : `: for more, ${raise}`;
    this.#log.warn(
      { code: 'FEW_DESCRIPTORS', limit, connections: room },
      `the system allows ${limit} open files, so ${room} connections are served${wanted}`,
    );
  }

  /**
   * A connection that cannot be accepted is closed by Node without a word; and where it lacks the one descriptor that
   * it needs for that, it tries in vain, at full speed, and says nothing either.
   */
  #lookForDescriptors(): void {
    if (this.#descriptors.look()) return;
    const fields = { code: 'NO_DESCRIPTORS', limit: this.#descriptors.limit };
    this.#warnings.warn(fields.code, fields, 'no descriptor is left: nobody is accepted until there is one');
    this.#takeRest();
  }

  #accept(transport: TcpTransport): void {
    const peer = transport.peer.text;
    if (this.#descriptors.isKeptBack(transport.descriptor)) {
      const fields = { code: 'FEW_DESCRIPTORS', limit: this.#descriptors.limit, peer };
      this.#warnings.warn(
        fields.code,
        fields,
        'a connection is refused: the open files that are left are for the store',
      );
      this.#refuse(transport, this.#host.crowded());
      return;
    }
    const why = this.#host.take(transport);
    if (why === undefined) return;
    this.#warnings.warn(why.code, { code: why.code, peer }, why.message);
    this.#refuse(transport, why);
  }

  /** Tells a connection why it is not taken, and closes it. */
  #refuse(transport: Transport, { answer }: Refusal): void {
    if (answer !== undefined) transport.outlet.write(answer, () => undefined);
    if (this.#refused.size >= MAX_REFUSALS) {
      // What the system has taken reaches it, unless it has said something that nobody has read.
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

  /** The server could not accept. */
  #failed(error: Error): void {
    this.#warnings.warn('ACCEPT_FAILED', { err: error, code: 'ACCEPT_FAILED' }, 'cannot accept connections');
    if (isShortage(error)) this.#takeRest();
  }

  /** Does not listen for a while: who waits to be accepted would be tried again at once, and for ever. */
  #takeRest(): void {
    if (this.#closed || this.#rest !== undefined) return;
    this.#server.close();
    this.#rest = setTimeout(() => void this.#listenAgain(), REST_MS);
  }

  /** A server that is opened anew has also anew the descriptor with which Node closes what it cannot accept. */
  async #listenAgain(): Promise<void> {
    try {
      if (!this.#descriptors.look()) throw new Error('no descriptor is left');
      await this.#listenOn(this.address.port);
      this.#rest = undefined;
      this.#log.info(this.address, 'listening again');
    } catch (error) {
      this.#warnings.warn('LISTEN_FAILED', { err: error, code: 'LISTEN_FAILED' }, 'cannot listen: it is tried again');
      if (!this.#closed) this.#rest = setTimeout(() => void this.#listenAgain(), REST_MS);
    }
    if (this.#closed) this.#server.close();
  }
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): StartError {
  const refused = (message: string, exitCode: number) => new StartError(message, exitCode, { cause: error });
  if (error.syscall === 'getaddrinfo')
    return refused(`HOST ${host} does not resolve (${error.code})`, EXIT_BAD_SETTING);
  const another = port < MAX_PORT ? port + 1 : port - 1;
  switch (error.code) {
    case 'EADDRINUSE':
      return refused(
        `PORT ${port} on ${host} is taken: another program listens there; choose another: PORT=${another} npm start`,
        EXIT_FAILED,
      );
    case 'EACCES':
      return refused(`PORT ${port} on ${host} needs a right that this user has not`, EXIT_FAILED);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return refused(`HOST ${host} is no address of this machine`, EXIT_BAD_SETTING);
    default:
      return refused(`cannot listen on ${host}:${port}: ${error.message}`, EXIT_FAILED);
  }
}
