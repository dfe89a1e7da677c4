/**
 * Decides by accounts, tokens, tokens of others (JWT) and client certificates. What a proof looks like says which of
 * them it is. A certificate is looked at where nothing else is said.
 *
 * - A token is found by its hash, and a JWT by its signature. Nobody guesses either.
 * - A password is hashed, whether there is such an account or not, and so takes as long.
 * - Who fails is answered after the same time in any case, and in the same words.
 */
import { addressKey } from '../../shared/visitors/address-key.ts';
import type { Peer } from '../../transport/transport.ts';
import { MAX_PASSWORD_BYTES, NOBODYS, normalPassword } from './accounts/password.ts';
import { hashOfToken, isToken } from './accounts/secret.ts';
import type { Accounts } from './accounts/state.ts';
import type { AuthCounts } from './auth-counts.ts';
import type { Authenticator, Decision, Denial, Grant } from './authenticator.ts';
import { Grants, type Proven } from './grants.ts';
import type { Attempt, Failures } from './limits/failures.ts';
import type { NamePatterns } from './patterns.ts';
import { isJwt, type JwtChecks } from './proofs/jwt.ts';
import type { PasswordChecks } from './proofs/password-checks.ts';

/** After so long a login that failed is answered, counted from when it came. A password is checked in less. */
export const FAILURE_MS = 1_000;
/** A name that begins so is remembered by nobody, and has no account. */
const TILDE = 0x7e;

/** What it decides by. */
export interface AuthParts {
  readonly mode: 'names' | 'required';
  /** Whom those may write to that have proved nothing; undefined: anybody. */
  readonly defaultSend: NamePatterns | undefined;
  /** @returns the accounts as they are now */
  readonly accounts: () => Accounts;
  readonly passwords: PasswordChecks;
  readonly jwt: JwtChecks | undefined;
  readonly failures: Failures;
  readonly counts: AuthCounts;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
}

/** A proof that was good, and what it was. */
interface Good {
  readonly by: 'password' | 'token' | 'jwt';
  readonly proven: Proven;
}

const FAILED: Denial = { code: 'AUTH_FAILED' };
const BUSY: Denial = { code: 'AUTH_BUSY' };

/** The authenticator of a broker that has accounts. */
export class AccountAuthenticator implements Authenticator {
  readonly #parts: AuthParts;
  readonly #grants: Grants;

  constructor(parts: AuthParts) {
    this.#parts = parts;
    this.#grants = new Grants(parts.counts);
  }

  /** Accounts or tokens are others now. */
  changed(): void {
    this.#grants.look();
  }

  /** See Authenticator. */
  authenticate(name: Uint8Array, proof: Uint8Array | undefined, peer: Peer): Decision | Promise<Decision> {
    if (looksLikeToken(name)) {
      proof?.fill(0);
      return { admitted: false, reason: 'it looks like a token, and a name comes first' };
    }
    if (proof !== undefined) return this.#proved(name, proof, peer);
    return this.#certified(name, peer) ?? this.#unproved(name);
  }

  /** See Authenticator. A token is not guessed, nor is a signature. */
  again(name: Uint8Array, proof: Uint8Array, { address }: Peer): Denial | undefined {
    const { jwt, failures } = this.#parts;
    const isGuessed = !isToken(proof) && (jwt === undefined || !isJwt(latin1Of(proof)));
    const attempt = { name, address };
    return isGuessed && failures.waitMs(attempt) > 0 ? this.#limited(attempt) : undefined;
  }

  /** @returns undefined if the peer has no certificate of this name */
  #certified(name: Uint8Array, { certificateNames }: Peer): Decision | undefined {
    const { accounts, counts } = this.#parts;
    const text = textOf(name);
    if (certificateNames === undefined || !(name[0] === TILDE || certificateNames.includes(text))) return undefined;
    const grant = this.#grants.give({ now: () => accounts().byName.get(text)?.send });
    if (grant === undefined) return undefined;
    counts.count('certificate');
    return { admitted: true, grant, proven: true };
  }

  #unproved(name: Uint8Array): Decision {
    const { mode, accounts, counts, defaultSend } = this.#parts;
    const text = textOf(name);
    const grant =
      mode === 'names' && this.#grants.give({ now: () => (accounts().byName.has(text) ? 'withdrawn' : defaultSend) });
    counts.count(grant ? 'unproved' : 'required');
    return grant ? { admitted: true, grant } : { admitted: false, denial: { code: 'AUTH_REQUIRED' } };
  }

  async #proved(name: Uint8Array, proof: Uint8Array, { address }: Peer): Promise<Decision> {
    const { counts, now, delay } = this.#parts;
    const since = now();
    const checked = await this.#check(proof, { name, address }).finally(() => proof.fill(0));
    const grant: Grant | undefined = 'proven' in checked ? this.#grants.give(checked.proven) : undefined;
    if ('proven' in checked && grant !== undefined) {
      counts.count(checked.by);
      return { admitted: true, grant, proven: true };
    }
    const denial = 'proven' in checked ? FAILED : checked;
    counts.count(RESULT_OF[denial.code]);
    await delay(since + FAILURE_MS - now());
    return { admitted: false, denial };
  }

  async #check(proof: Uint8Array, attempt: Attempt): Promise<Good | Denial> {
    const { jwt, failures } = this.#parts;
    // A token that is good is taken whatever has failed: it cannot be guessed, and is found at once.
    if (isToken(proof)) return this.#token(hashOfToken(proof), attempt);
    if (failures.waitMs(attempt) > 0) return this.#limited(attempt);
    const text = jwt === undefined ? '' : latin1Of(proof);
    if (jwt !== undefined && isJwt(text)) return await this.#jwt(jwt, text, attempt);
    return await this.#password(proof, attempt);
  }

  #token(hash: string, attempt: Attempt): Good | Denial {
    const { accounts } = this.#parts;
    const { name } = attempt;
    const text = textOf(name);
    const now = () => {
      const { tokens, byName } = accounts();
      const token = tokens.get(hash);
      if (token === undefined || !isOf(name, token.names)) return 'withdrawn';
      return token.send ?? byName.get(text)?.send;
    };
    const expires = accounts().tokens.get(hash)?.expires ?? Number.POSITIVE_INFINITY;
    if (now() === 'withdrawn' || expires * 1000 <= Date.now()) return this.#fail(attempt);
    return { by: 'token', proven: { now } };
  }

  async #jwt(jwt: JwtChecks, text: string, attempt: Attempt): Promise<Good | Denial> {
    const { accounts } = this.#parts;
    const { name } = attempt;
    const claims = await jwt.check(text);
    if (claims === 'busy') return BUSY;
    if (claims === 'wrong' || !isOf(name, claims.names)) return this.#fail(attempt);
    return { by: 'jwt', proven: { now: () => claims.send ?? accounts().byName.get(textOf(name))?.send } };
  }

  async #password(proof: Uint8Array, attempt: Attempt): Promise<Good | Denial> {
    const { accounts, passwords, failures } = this.#parts;
    if (proof.length > MAX_PASSWORD_BYTES) return this.#fail(attempt);
    const text = textOf(attempt.name);
    const account = accounts().byName.get(text);
    const password = Uint8Array.from(normalPassword(proof));
    const mayStart = () => failures.waitMs(attempt) === 0;
    const stored = account?.password ?? NOBODYS;
    const from = addressKey(attempt.address);
    const verdict = await passwords.check(password, stored, from, failures.isKnown(attempt), mayStart);
    switch (verdict) {
      case 'busy':
        return BUSY;
      case 'dropped':
        return this.#limited(attempt);
      case 'wrong':
        return this.#fail(attempt);
      case 'right': {
        failures.succeed(attempt);
        const now = () => {
          const is = accounts().byName.get(text);
          return is === undefined || is.stored !== account?.stored ? 'withdrawn' : is.send;
        };
        return { by: 'password', proven: { now } };
      }
      default:
        return verdict satisfies never;
    }
  }

  #fail(attempt: Attempt): Denial {
    this.#parts.failures.fail(attempt);
    return FAILED;
  }

  #limited(attempt: Attempt): Denial {
    return { code: 'AUTH_LIMITED', seconds: Math.ceil(this.#parts.failures.waitMs(attempt) / 1000) };
  }
}

const RESULT_OF = {
  AUTH_REQUIRED: 'required',
  AUTH_FAILED: 'failed',
  AUTH_LIMITED: 'limited',
  AUTH_BUSY: 'busy',
} as const satisfies Record<Denial['code'], string>;

/** Whether a proof of these names is one of this name, too. Any is enough for a name that nobody keeps. */
function isOf(name: Uint8Array, names: NamePatterns): boolean {
  return name[0] === TILDE || names.cover(name);
}

/** Whether somebody has given a token in place of a name. All would see it as the name. */
function looksLikeToken(name: Uint8Array): boolean {
  return isToken(name) || isJwt(latin1Of(name));
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name.buffer, name.byteOffset, name.length).toString();
}
