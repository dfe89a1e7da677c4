/** Decides whether a peer may have the name that it gives. No name is protected yet: everybody is admitted. */
import type { Peer } from '../../transport/transport.ts';

/** A peer may have its name. */
export interface Admission {
  readonly admitted: true;
  /** Whether it has proved that the name is its own: then it takes the name over from who has it. */
  readonly proven?: boolean;
}

/** The decision of an authenticator. The peer reads `reason` behind `name refused: `. */
export type Decision = Admission | { readonly admitted: false; readonly reason: string };

/** Decides about sessions, each of them once. */
export interface Authenticator {
  /**
   * Decides about one session. While a promise is pending, the session's lines wait and NAME_TIMEOUT_SECONDS runs on.
   * @param proof what proves the name; undefined where the protocol has no such thing
   * @returns the decision, or a promise of it; a rejection counts as a refusal
   */
  authenticate(name: Uint8Array, proof: Uint8Array | undefined, peer: Peer): Decision | Promise<Decision>;
}

const ADMITTED: Decision = { admitted: true };

/** Admits every peer, without a promise. */
export const EVERYBODY: Authenticator = { authenticate: () => ADMITTED };

/** The decision where an authenticator failed. */
export const UNDECIDED: Decision = { admitted: false, reason: 'whether you may have it cannot be found out now' };
