/** Whether a peer may have the name that it gives. Today everybody may: a name is not protected. */
import type { Peer } from '../transport/transport.ts';

/** What an authenticator has decided; with the reason for the peer, in words that follow `name refused: `. */
export type Decision = { readonly admitted: true } | { readonly admitted: false; readonly reason: string };

export interface Authenticator {
  /**
   * Decides about a session, once. While a promise is under way the session's lines wait; the time for a name runs on.
   * @param proof what the peer gives as proof, where its protocol has that
   */
  authenticate(name: Uint8Array, proof: Uint8Array | undefined, peer: Peer): Decision | Promise<Decision>;
}

const ADMITTED: Decision = { admitted: true };

/** Lets everybody in, at once. */
export const EVERYBODY: Authenticator = { authenticate: () => ADMITTED };
