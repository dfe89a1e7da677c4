/** The ports of a broker for lines: the plain one, and one with TLS beside it if there is a certificate. */
import type { Socket } from 'node:net';
import type { Config } from '../shared/common/config.ts';
import type { Log, RateLimitedWarnings } from '../shared/common/log/log.ts';
import { Listener, type ListenerHost } from './listener.ts';
import { type CredentialFigures, Credentials, type Reloaded } from './secure/credentials.ts';
import type { HandshakeCounts } from './secure/handshake-counts.ts';
import { type HandshakeHost, Handshakes } from './secure/handshakes.ts';

/** What the ports need of the broker. */
export interface PortsHost extends ListenerHost {
  readonly notTls: HandshakeHost['notTls'];
}

/** Figures of TLS, for metrics. */
export interface TlsFigures {
  readonly certificate: CredentialFigures;
  readonly handshakes: Pick<HandshakeCounts, 'results' | 'versions'>;
  /** Handshakes that are under way on the port for lines. */
  readonly underWay: number;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export class Listeners {
  readonly #config: Config;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  readonly #host: PortsHost;
  readonly #readBuffer: Buffer;
  readonly #plain: Listener;
  #credentials: Credentials | undefined;
  #handshakes: Handshakes | undefined;
  #secure: Listener | undefined;
  #closed = false;

  /** @param readBuffer the buffer that all plain connections read into */
  constructor(config: Config, log: Log, warnings: RateLimitedWarnings, readBuffer: Buffer, host: PortsHost) {
    this.#config = config;
    this.#log = log;
    this.#warnings = warnings;
    this.#host = host;
    this.#readBuffer = readBuffer;
    this.#plain = new Listener(config, log, warnings, readBuffer, host);
  }

  /**
   * Reads the certificate, if there is to be one.
   * @returns what a server needs for TLS; undefined if there is none
   * @throws StartError if it cannot be used
   */
  async readCertificate(): Promise<Credentials | undefined> {
    this.#credentials = await Credentials.open(this.#config, this.#log);
    if (this.#closed) this.#credentials?.end();
    return this.#credentials;
  }

  /**
   * Listens on all ports. Resolves when it does.
   * @throws StartError if it cannot
   */
  async listen(): Promise<void> {
    await this.#plain.listen();
    if (this.#closed || this.#credentials === undefined || this.#config.TLS_PORT === 'off') return;
    this.#handshakes = new Handshakes(this.#credentials, this.#warnings, this.#host);
    this.#secure = new Listener(
      this.#config,
      this.#log,
      this.#warnings,
      this.#readBuffer,
      this.#host,
      this.#handshakes,
    );
    await this.#secure.listen();
  }

  /** The address of the plain port. @throws Error before `listen` has resolved */
  get address(): Address {
    return this.#plain.address;
  }

  /** The address of the port with TLS; undefined if there is none. */
  get secureAddress(): Address | undefined {
    return this.#secure?.address;
  }

  /** Whether all ports accept connections now. */
  get listens(): boolean {
    return this.#plain.listens && this.#secure?.listens !== false;
  }

  /** Undefined if there is no TLS. */
  get figures(): TlsFigures | undefined {
    const credentials = this.#credentials;
    if (credentials === undefined) return undefined;
    const { figures: certificate, handshakes } = credentials;
    return { certificate, handshakes, underWay: this.#handshakes?.underWay ?? 0 };
  }

  /** Reads the certificate again. No connection is cut. @returns undefined if there is no TLS */
  reload(): Promise<Reloaded | undefined> {
    return this.#credentials?.reload() ?? Promise.resolve(undefined);
  }

  /** Whether the descriptor of a connection is one that the store may need. */
  readonly isKeptBack = (socket: Socket): boolean => this.#plain.isKeptBack(socket);

  /** Logs how many connections there can be, if that is less than MAX_CONNECTIONS. */
  compareLimits(maxConnections: number): void {
    this.#plain.compareLimits(maxConnections);
  }

  /** Stops listening, and ends handshakes that are under way. */
  close(): void {
    this.#closed = true;
    this.#plain.close();
    this.#secure?.close();
    this.#credentials?.end();
  }

  /** Closes the connections that are being told why they are refused. */
  abandonRefused(): void {
    this.#plain.abandonRefused();
    this.#secure?.abandonRefused();
  }
}
