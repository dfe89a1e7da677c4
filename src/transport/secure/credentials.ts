/**
 * The certificate of the broker, its key, and the authorities of client certificates. They are read at the start, and
 * again when a file changes or somebody asks. New ones are for new connections: those that are open stay as they are.
 * What cannot be used is not taken, and the old ones stay.
 */
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { told } from '../../shared/codes/log-line.ts';
import type { Config } from '../../shared/common/config.ts';
import { EXIT_BAD_SETTING, messageOf, StartError } from '../../shared/common/errors.ts';
import { type Log, say } from '../../shared/common/log/log.ts';
import { FileWatch, WATCH_TIMES, type WatchTimes } from '../../shared/files/file-watch.ts';
import { HandshakeCounts } from './handshake-counts.ts';
import { filesOf, readPair, type TlsFiles, type TlsPair } from './pair.ts';

/** What became of a wish to read the files again. */
export type Reloaded = 'same' | 'taken' | 'kept';

/** What is counted, for metrics. */
export interface CredentialFigures {
  /** When the certificate in use ends, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** How often new files were taken, and how often they could not be used. */
  readonly taken: number;
  readonly kept: number;
  /** Whether the files could be used when they were read last. */
  readonly good: boolean;
}

/** The server of Node, as far as a new certificate is for it. */
export interface CertifiedServer {
  setSecureContext(options: SecureContextOptions): void;
}

export class Credentials {
  /** The handshakes of all servers that have this certificate. */
  readonly handshakes = new HandshakeCounts();
  readonly #files: TlsFiles;
  readonly #log: Log;
  readonly #watch: FileWatch;
  readonly #servers = new Set<CertifiedServer>();
  #pair: TlsPair;
  #taken = 0;
  #kept = 0;
  #good = true;
  #reloading: Promise<unknown> = Promise.resolve();

  private constructor(files: TlsFiles, pair: TlsPair, log: Log, times: WatchTimes) {
    this.#files = files;
    this.#pair = pair;
    this.#log = log;
    const all = [files.cert, files.key, files.clientCa].filter((file) => file !== undefined);
    this.#watch = new FileWatch(all, () => void this.reload(), times);
  }

  /**
   * Reads the files of TLS_CERT, TLS_KEY and TLS_CLIENT_CA, and watches them until `end`.
   * @returns undefined if there is to be no TLS
   * @throws StartError if the settings do not fit together, or the files cannot be used
   */
  static async open(config: Config, log: Log, times: WatchTimes = WATCH_TIMES): Promise<Credentials | undefined> {
    const files = filesOf(config);
    if (files === undefined) return undefined;
    const pair = await readPair(files).catch((error: unknown) => {
      throw new StartError(messageOf(error), EXIT_BAD_SETTING, { cause: error });
    });
    const credentials = new Credentials(files, pair, log, times);
    if (pair.expiresAt < Date.now()) say(log, told('TLS_CERT_EXPIRED', { expired: new Date(pair.expiresAt) }));
    await credentials.#watch.start();
    // A file may have changed before the watch began.
    await credentials.reload();
    return credentials;
  }

  /** The options of a server for TLS 1.2 and 1.3, with the certificate that is in use now. */
  get serverOptions(): TlsOptions {
    const isAsked = this.#files.clientCa !== undefined;
    return { ...this.#pair.options, requestCert: isAsked, rejectUnauthorized: isAsked };
  }

  get figures(): CredentialFigures {
    return { expiresAt: this.#pair.expiresAt, taken: this.#taken, kept: this.#kept, good: this.#good };
  }

  /** From now on a server gets each new certificate. */
  serve(server: CertifiedServer): void {
    this.#servers.add(server);
  }

  /** Reads the files again, after the reads that were asked for before. No connection is cut. */
  reload(): Promise<Reloaded> {
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded;
    return reloaded;
  }

  /** Stops to watch the files. */
  end(): void {
    this.#watch.end();
  }

  async #reload(): Promise<Reloaded> {
    try {
      const pair = await readPair(this.#files);
      this.#good = true;
      if (pair.text === this.#pair.text) return 'same';
      if (pair.expiresAt < Date.now()) throw new Error(`TLS_CERT ended ${new Date(pair.expiresAt).toISOString()}`);
      for (const server of this.#servers) server.setSecureContext(pair.options);
      this.#pair = pair;
    } catch (error) {
      this.#good = false;
      this.#kept++;
      say(this.#log, told('TLS_CERT_KEPT', { problem: messageOf(error) }));
      return 'kept';
    }
    this.#taken++;
    this.#log.info({ expires: new Date(this.#pair.expiresAt) }, 'new TLS certificate taken');
    return 'taken';
  }
}
