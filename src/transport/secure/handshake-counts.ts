/** What is counted of handshakes of TLS, at all ports together. */
import type { TLSSocket } from 'node:tls';

/** What became of a handshake; `refused` if there were too many at a time. */
export type HandshakeResult = 'done' | 'failed' | 'refused';

export class HandshakeCounts {
  readonly results: Record<HandshakeResult, number> = { done: 0, failed: 0, refused: 0 };
  /** Those that were done, by the version of TLS. The server speaks two. */
  readonly versions = new Map<string, number>();

  done(secure: Pick<TLSSocket, 'getProtocol'>): void {
    this.results.done++;
    const version = secure.getProtocol() ?? 'unknown';
    this.versions.set(version, (this.versions.get(version) ?? 0) + 1);
  }
}
