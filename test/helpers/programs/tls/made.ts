/** Certificates of an authority of the test's own, in files, and settings of a broker that uses them. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authority,
  type Certified,
  newAuthority,
} from '../../../../src/tools/cli/restante/commands/certs/authority.ts';
import { temporaryFolder } from '../../folder.ts';

const HOSTS = ['localhost', '127.0.0.1'];

export class Certificates implements Disposable {
  readonly authority: Authority;
  readonly #folder = temporaryFolder();
  readonly settings: { readonly TLS_CERT: string; readonly TLS_KEY: string; readonly TLS_PORT: string };
  readonly caFile: string;
  /** The certificate of the broker at first. */
  readonly server: Certified;

  private constructor(authority: Authority, server: Certified) {
    this.authority = authority;
    this.server = server;
    this.caFile = this.path('ca.pem');
    this.settings = { TLS_CERT: this.path('server.pem'), TLS_KEY: this.path('server.key'), TLS_PORT: '0' };
    this.replace(this.caFile, authority.cert);
    this.serve(server);
  }

  static async make(): Promise<Certificates> {
    const authority = await newAuthority();
    return new Certificates(authority, await authority.forHosts(HOSTS));
  }

  get ca(): string {
    return this.authority.cert;
  }

  path(name: string): string {
    return join(this.#folder.path, name);
  }

  /** Replaces a file by a new one over it. */
  replace(file: string, text: string): void {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  /** Replaces the certificate of the broker and its key. */
  serve({ cert, key }: Certified): void {
    this.replace(this.settings.TLS_CERT, cert);
    this.replace(this.settings.TLS_KEY, key);
  }

  /** Another certificate for the same hosts. */
  another(): Promise<Certified> {
    return this.authority.forHosts(HOSTS);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
