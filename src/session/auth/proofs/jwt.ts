/**
 * Checks JSON Web Tokens that somebody else has made: signed with a secret that the broker shares, or with a key of
 * which it reads the public half from an address (JWKS). Which algorithms are taken follows from which of the two it
 * is, so that nobody signs with a public key as if it were a secret. `none` is among neither.
 */
import { readFile, stat } from 'node:fs/promises';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import type { Config } from '../../../shared/common/config.ts';
import { EXIT_BAD_SETTING, messageOf, StartError } from '../../../shared/common/errors.ts';
import { MAX_PATTERNS, NamePatterns, patternProblem } from '../patterns.ts';
import { type KeysAt, keysAt } from './jwks.ts';

/** So far the clocks of the broker and of who signs may be apart. */
export const CLOCK_SKEW_SECONDS = 30;
/** So many are checked at a time. Each may wait for the address of the keys. */
export const MAX_JWT_CHECKS = 64;
/** A shorter secret could be guessed; it is what HS256 must have (RFC 7518). */
export const MIN_SECRET_BYTES = 32;
const MAX_SECRET_FILE_BYTES = 4_096;
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];
const PUBLIC_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const HEADER = 'eyJ';

/** What a valid token says. */
interface Claims {
  /** The names that it proves. */
  readonly names: NamePatterns;
  readonly send: NamePatterns | undefined;
}

/** `busy`: it cannot be checked now. */
export type JwtVerdict = Claims | 'wrong' | 'busy';

export type JwtConfig = Pick<
  Config,
  'AUTH_JWT_SECRET' | 'AUTH_JWT_SECRET_FILE' | 'AUTH_JWT_JWKS' | 'AUTH_JWT_ISSUER' | 'AUTH_JWT_AUDIENCE'
>;

/** Whether a proof looks like one. No password of a person does. */
export function isJwt(proof: string): boolean {
  return proof.startsWith(HEADER) && JWT.test(proof);
}

/** Checks tokens with the key of the settings. */
export class JwtChecks {
  readonly #verify: (token: string) => Promise<JWTPayload>;
  readonly #keys: KeysAt | undefined;
  #running = 0;

  private constructor(verify: (token: string) => Promise<JWTPayload>, keys: KeysAt | undefined) {
    this.#verify = verify;
    this.#keys = keys;
  }

  /**
   * @returns undefined if the settings name no key
   * @throws StartError if they name two, or a secret that cannot be read or is too short
   */
  static async open(config: JwtConfig, keysFailed: (reason: string) => void): Promise<JwtChecks | undefined> {
    const { AUTH_JWT_SECRET: inline, AUTH_JWT_SECRET_FILE: file, AUTH_JWT_JWKS: address } = config;
    const given = [inline, file, address].filter((each) => each !== '');
    if (given.length === 0) return undefined;
    if (given.length > 1) throw wrong('only one of AUTH_JWT_SECRET, AUTH_JWT_SECRET_FILE and AUTH_JWT_JWKS may be set');
    // Most brokers need none of it.
    const jose = await import('jose');
    const options = optionsOf(config, address === '' ? SECRET_ALGORITHMS : PUBLIC_ALGORITHMS);
    if (address !== '') {
      const keys = keysAt(new URL(address), jose, keysFailed);
      const find: JWTVerifyGetKey = (header, token) => keys.find(header, token);
      return new JwtChecks(async (token) => (await jose.jwtVerify(token, find, options)).payload, keys);
    }
    const secret = file === '' ? Buffer.from(inline) : await secretIn(file);
    if (secret.length < MIN_SECRET_BYTES)
      throw wrong(`the secret of AUTH_JWT is shorter than ${MIN_SECRET_BYTES} bytes`);
    return new JwtChecks(async (token) => (await jose.jwtVerify(token, secret, options)).payload, undefined);
  }

  async check(token: string): Promise<JwtVerdict> {
    if (this.#running >= MAX_JWT_CHECKS) return 'busy';
    this.#running++;
    try {
      return claimsOf(await this.#verify(token)) ?? 'wrong';
    } catch {
      // Without the keys nobody knows whether it is wrong.
      return this.#keys?.missing === true ? 'busy' : 'wrong';
    } finally {
      this.#running--;
    }
  }

  close(): void {
    this.#keys?.close();
  }
}

function optionsOf({ AUTH_JWT_ISSUER, AUTH_JWT_AUDIENCE }: JwtConfig, algorithms: string[]): JWTVerifyOptions {
  return {
    algorithms,
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: ['exp', 'sub'],
    ...(AUTH_JWT_ISSUER === '' ? {} : { issuer: AUTH_JWT_ISSUER }),
    ...(AUTH_JWT_AUDIENCE === '' ? {} : { audience: AUTH_JWT_AUDIENCE }),
  };
}

async function secretIn(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MAX_SECRET_FILE_BYTES) throw new Error(`it is longer than ${MAX_SECRET_FILE_BYTES} bytes`);
    const bytes = await readFile(file);
    // An editor ends the last line.
    return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  } catch (error) {
    throw wrong(`AUTH_JWT_SECRET_FILE cannot be read: ${messageOf(error)}`);
  }
}

/** @returns undefined if what it says of names is no list of patterns */
function claimsOf(payload: JWTPayload): Claims | undefined {
  const { sub } = payload;
  const names = patternsIn(payload, 'names') ?? [];
  const send = patternsIn(payload, 'send');
  if (sub === undefined || names === 'wrong' || send === 'wrong') return undefined;
  // A subject with a star at its end would be a pattern, and is a name that nobody can prove.
  const own = patternProblem(sub) === undefined && !sub.endsWith('*') ? [sub] : [];
  return {
    names: new NamePatterns([...own, ...names]),
    send: send === undefined ? undefined : new NamePatterns(send),
  };
}

/** The claim `restante.names` or `restante.send`: under that key, or in an object `restante`. */
function patternsIn(payload: JWTPayload, key: 'names' | 'send'): readonly string[] | undefined | 'wrong' {
  const inside = payload.restante;
  const nested = typeof inside === 'object' && inside !== null ? Object.entries(inside) : [];
  const value = payload[`restante.${key}`] ?? nested.find(([name]) => name === key)?.[1];
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isPattern = (each: unknown): each is string => typeof each === 'string' && patternProblem(each) === undefined;
  return list.length <= MAX_PATTERNS && list.every(isPattern) ? list : 'wrong';
}

function wrong(message: string): StartError {
  return new StartError(message, EXIT_BAD_SETTING);
}
