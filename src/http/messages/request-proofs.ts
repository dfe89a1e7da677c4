/**
 * What a request has said to prove its name. A session remembers the hash of it. A request with the same hash uses that
 * session, and nothing is checked again. So a password could be guessed at a session, and two things keep that as slow
 * as at a login:
 * 1. A guess that is wrong is checked as a login is, and counts as one that failed.
 * 2. When too many have failed, one that is right is not taken either.
 */
import { createHash } from 'node:crypto';
import { type Authenticator, type Decision, UNDECIDED } from '../../session/auth/authenticator.ts';
import type { Config } from '../../shared/common/config.ts';
import type { Peer } from '../../transport/transport.ts';
import { problemOf } from '../problems.ts';
import { problemOfEnd } from './session-problems.ts';

/** The proof of all whose certificate is of the name. It is the hash of nothing. */
const BY_CERTIFICATE = 'certificate';

/** Who a request is from. */
export interface Caller {
  readonly peer: Peer;
  /** What proves its name; undefined if it has said nothing of it. */
  readonly token: string | undefined;
}

export class RequestProofs {
  readonly #auth: Config['AUTH'];
  readonly #authenticator: Authenticator;

  constructor(auth: Config['AUTH'], authenticator: Authenticator) {
    this.#auth = auth;
    this.#authenticator = authenticator;
  }

  /**
   * @returns what a session remembers of the proof; undefined if there is none, or none is asked for
   * @throws Problem if too many logins have failed
   */
  hashOf(name: string, { token, peer }: Caller): string | undefined {
    if (this.#auth === 'off') return undefined;
    if (token === undefined) return peer.certificateNames?.includes(name) === true ? BY_CERTIFICATE : undefined;
    const denial = this.#authenticator.again?.(Buffer.from(name), Buffer.from(token), peer);
    if (denial !== undefined) throw refused({ admitted: false, denial });
    return createHash('sha256').update(token).digest('base64');
  }

  /**
   * Checks a proof that no session has.
   * @returns whether the name is proved; false if it is free, and the proof does not matter
   * @throws Problem if it is wrong, or cannot be checked now
   */
  async check(name: string, { token, peer }: Caller): Promise<boolean> {
    const proof = token === undefined ? undefined : Buffer.from(token);
    const asked = async () => this.#authenticator.authenticate(Buffer.from(name), proof, peer);
    const decision = await asked().catch(() => UNDECIDED);
    if (!decision.admitted) throw refused(decision);
    return decision.proven === true;
  }
}

function refused(decision: Exclude<Decision, { readonly admitted: true }>) {
  if ('reason' in decision) return problemOf('REQUEST_REFUSED', { problem: `name refused: ${decision.reason}` });
  const { denial } = decision;
  return problemOfEnd(denial.code, '', 'seconds' in denial ? denial.seconds : undefined);
}
