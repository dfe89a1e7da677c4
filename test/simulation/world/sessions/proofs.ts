/** Admits every peer, at once or in a later turn, and knows which peers have proved that a name is their own. */
import type { Authenticator, Decision } from '../../../../src/session/auth/authenticator.ts';
import type { Peer } from '../../../../src/transport/transport.ts';

export class Proofs implements Authenticator {
  readonly #proven = new WeakSet<Peer>();
  readonly #later: ((step: () => void) => void) | undefined;

  /** @param later ends a turn, if it decides only in a later one */
  constructor(later: ((step: () => void) => void) | undefined) {
    this.#later = later;
  }

  /** The peer proves every name that it says. */
  note(peer: Peer): void {
    this.#proven.add(peer);
  }

  authenticate(_name: Uint8Array, _proof: Uint8Array | undefined, peer: Peer): Decision | Promise<Decision> {
    const decision: Decision = { admitted: true, proven: this.#proven.has(peer) };
    if (this.#later === undefined) return decision;
    return new Promise((resolve) => this.#later?.(() => resolve(decision)));
  }
}
