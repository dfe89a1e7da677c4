/** Decides whether a peer may have the name that it gives, and what it may do under it. */
import type { Peer } from '../../transport/transport.ts';
import type { NamePatterns } from './patterns.ts';

/**
 * Why a peer is not let in, as a code of session-ends.ts:
 * - `AUTH_REQUIRED`: the name needs a proof, and there was none. A plain peer is asked for it.
 * - `AUTH_FAILED`: the proof is wrong. It is not said why.
 * - `AUTH_LIMITED`: too many logins have failed, so this one was not checked.
 * - `AUTH_BUSY`: too many log in at this moment, or the proof cannot be checked now.
 */
export type Denial =
  | { readonly code: 'AUTH_REQUIRED' | 'AUTH_FAILED' | 'AUTH_BUSY' }
  | { readonly code: 'AUTH_LIMITED'; readonly seconds: number };

/** What a peer that is let in may do, as long as what it has proved holds. */
export interface Grant {
  /** Whom it may write to, as it is now; undefined: anybody. The same object means that nothing has changed. */
  readonly send: NamePatterns | undefined;
  /**
   * Calls `end` once if the proof is withdrawn, which may be at once.
   * @returns what ends that; it must be called when the session ends
   */
  hold(end: () => void): () => void;
  /** So many messages were refused for a name, because of `send`. */
  forbade(messages: number): void;
}

/** A peer may have its name. */
export interface Admission {
  readonly admitted: true;
  readonly grant?: Grant;
  /** Whether it has proved that the name is its own: then it takes the name over from who has it. */
  readonly proven?: boolean;
}

/** The decision of an authenticator. The peer reads `reason` behind `name refused: `. */
export type Decision =
  | Admission
  | { readonly admitted: false; readonly reason: string }
  | { readonly admitted: false; readonly denial: Denial };

/** Decides about sessions, each of them once, and once more if it was asked for a proof. */
export interface Authenticator {
  /**
   * Decides about one session. While a promise is pending, the session's lines wait and NAME_TIMEOUT_SECONDS runs on.
   * @param proof what proves the name; undefined where none was given. It is taken, and wiped
   * @returns the decision, or a promise of it; a rejection counts as a refusal
   */
  authenticate(name: Uint8Array, proof: Uint8Array | undefined, peer: Peer): Decision | Promise<Decision>;
  /**
   * Whether a proof may be compared with one that was right before, as it could be guessed so.
   * @returns why not; undefined if it may
   */
  again?(name: Uint8Array, proof: Uint8Array, peer: Peer): Denial | undefined;
}

const ADMITTED: Decision = { admitted: true };

/** Admits every peer, without a promise. */
export const EVERYBODY: Authenticator = { authenticate: () => ADMITTED };

/** The decision where an authenticator failed. */
export const UNDECIDED: Decision = { admitted: false, reason: 'whether you may have it cannot be found out now' };
