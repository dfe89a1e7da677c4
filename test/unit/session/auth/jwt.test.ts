/** JSON Web Tokens, with keys that a server of this test gives. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { MAX_KEYS_BYTES } from '../../../../src/session/auth/proofs/jwks.ts';
import {
  CLOCK_SKEW_SECONDS,
  isJwt,
  JwtChecks,
  type JwtConfig,
  MAX_JWT_CHECKS,
  MIN_SECRET_BYTES,
} from '../../../../src/session/auth/proofs/jwt.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { StartError } from '../../../../src/shared/common/errors.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { until } from '../../../helpers/until.ts';

const SECRET = 'x'.repeat(MIN_SECRET_BYTES);
const now = () => Math.floor(Date.now() / 1000);
const configOf = (env: Record<string, string>): JwtConfig => readConfig(env);

async function open(env: Record<string, string>, failed: (reason: string) => void = () => undefined) {
  return (await JwtChecks.open(configOf(env), failed)) ?? expect.fail('no key');
}

function jwt(claims: object, key: KeyObject | Uint8Array, alg: string, kid?: string): Promise<string> {
  return new SignJWT({ sub: 'bob', exp: now() + 60, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(key);
}

const hmac = (claims: object, secret = SECRET, alg = 'HS256') => jwt(claims, Buffer.from(secret), alg);
const verdict = async (checks: JwtChecks, token: string | Promise<string>) => {
  const claims = await checks.check(await token);
  return typeof claims === 'string' ? claims : [claims.names.texts, claims.send?.texts];
};

describe('the key of JWT', () => {
  it('is a secret, or in a file, or at an address; and of these one', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'secret');
    writeFileSync(file, `${SECRET}\n`);
    expect(await JwtChecks.open(configOf({}), () => undefined)).toBeUndefined();
    for (const env of [{ AUTH_JWT_SECRET: SECRET }, { AUTH_JWT_SECRET_FILE: file }]) {
      expect(await verdict(await open(env), hmac({}))).toEqual([['bob'], undefined]);
    }
    const both = { AUTH_JWT_SECRET: SECRET, AUTH_JWT_JWKS: 'https://id.example/keys' };
    await expect(open(both)).rejects.toThrow('only one of');
  });

  it.each([
    ['too short', { AUTH_JWT_SECRET: 'x'.repeat(MIN_SECRET_BYTES - 1) }],
    ['missing', { AUTH_JWT_SECRET_FILE: '/nowhere/secret' }],
  ])('that is %s stops the start, and is not told', async (_what, env) => {
    const error = await open(env).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).not.toContain('xxx');
  });
});

describe('a JWT of a secret', () => {
  it.each([
    ['HS256', 'in'],
    ['HS384', 'in'],
    ['HS512', 'in'],
  ])('may be signed by %s', async (alg) => {
    const secret = 'y'.repeat(64);
    expect(await verdict(await open({ AUTH_JWT_SECRET: secret }), hmac({}, secret, alg))).toEqual([['bob'], undefined]);
  });

  it('says names and patterns', async () => {
    const checks = await open({ AUTH_JWT_SECRET: SECRET });
    const claims = { 'restante.names': ['job-*'], 'restante.send': 'alice' };
    expect(await verdict(checks, hmac(claims))).toEqual([['bob', 'job-*'], ['alice']]);
    const nested = { restante: { names: 'job-*', send: [] } };
    expect(await verdict(checks, hmac(nested))).toEqual([['bob', 'job-*'], []]);
    expect(await verdict(checks, hmac({ sub: 'bob*' }))).toEqual([[], undefined]);
  });

  it.each([
    ['another secret', () => hmac({}, 'z'.repeat(MIN_SECRET_BYTES))],
    ['no end', () => hmac({ exp: undefined })],
    ['no subject', () => hmac({ sub: undefined })],
    ['an end that is over', () => hmac({ exp: now() - CLOCK_SKEW_SECONDS - 5 })],
    ['a beginning to come', () => hmac({ nbf: now() + CLOCK_SKEW_SECONDS + 5 })],
    ['another issuer', () => hmac({ iss: 'them', aud: 'us' })],
    ['another audience', () => hmac({ iss: 'id', aud: 'them' })],
    ['patterns that are none', () => hmac({ iss: 'id', aud: 'us', 'restante.send': 'a*b' })],
    ['patterns that are no texts', () => hmac({ iss: 'id', aud: 'us', 'restante.names': [1] })],
    ['no signature', async () => `${(await hmac({ iss: 'id', aud: 'us' })).replace(/\.[^.]*$/, '')}.`],
  ])('with %s is wrong', async (_what, made) => {
    const checks = await open({ AUTH_JWT_SECRET: SECRET, AUTH_JWT_ISSUER: 'id', AUTH_JWT_AUDIENCE: 'us' });
    expect(await verdict(checks, made())).toBe('wrong');
  });

  it('is good within the skew of clocks', async () => {
    const checks = await open({ AUTH_JWT_SECRET: SECRET });
    expect(await verdict(checks, hmac({ exp: now() - 5, nbf: now() + 5 }))).toEqual([['bob'], undefined]);
  });
});

it('what looks like a JWT has three parts, and begins as its header does', () => {
  expect(['eyJhbGciOiJub25lIn0.e30.', 'eyJ.x', 'a.b.c', 'rst_x', 'eyJ a.b.c'].map(isJwt)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

/** A server of keys, which a test changes. */
class KeyServer implements AsyncDisposable {
  keys: object[] = [];
  body: (() => string) | undefined;
  asked = 0;
  readonly #server = createServer((_request, response) => {
    this.asked++;
    response.end(this.body?.() ?? JSON.stringify({ keys: this.keys }));
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function ecKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: rsa, publicKey: rsaPublic } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256' },
    rsa,
    rsaJwk: { ...rsaPublic.export({ format: 'jwk' }), kid: `${kid}-rsa` },
    pem: rsaPublic.export({ type: 'spki', format: 'pem' }),
  };
}

describe('a JWT of a key at an address', () => {
  it('is checked with the key that it names, by an algorithm of that key', async () => {
    const one = ecKey('one');
    await using server = await new KeyServer().start();
    server.keys = [one.jwk, one.rsaJwk];
    const checks = await open({ AUTH_JWT_JWKS: server.url });
    expect(await verdict(checks, jwt({}, one.privateKey, 'ES256', 'one'))).toEqual([['bob'], undefined]);
    expect(await verdict(checks, jwt({}, one.rsa, 'RS256', 'one-rsa'))).toEqual([['bob'], undefined]);
    // Signed with the public key, as if that were a secret.
    expect(await verdict(checks, jwt({}, Buffer.from(one.pem), 'HS256', 'one-rsa'))).toBe('wrong');
    expect(await verdict(checks, jwt({}, ecKey('one').privateKey, 'ES256', 'one'))).toBe('wrong');
    checks.close();
  });

  it('of a key that is new has the keys fetched again, and not for each such token', async () => {
    const [one, two] = [ecKey('one'), ecKey('two')];
    await using server = await new KeyServer().start();
    server.keys = [one.jwk];
    const checks = await open({ AUTH_JWT_JWKS: server.url });
    expect(await verdict(checks, jwt({}, one.privateKey, 'ES256', 'one'))).toEqual([['bob'], undefined]);
    const asked = server.asked;
    for (let i = 0; i < 5; i++) expect(await verdict(checks, jwt({}, two.privateKey, 'ES256', 'two'))).toBe('wrong');
    expect(server.asked - asked).toBeLessThanOrEqual(1);
    checks.close();
  });

  it('cannot be checked while there are no keys, which is no failure of who has it', async () => {
    const one = ecKey('one');
    await using server = await new KeyServer().start();
    server.body = () => `{"keys":[],"x":"${'x'.repeat(MAX_KEYS_BYTES)}"}`;
    const reasons: string[] = [];
    const checks = await open({ AUTH_JWT_JWKS: server.url }, (reason) => reasons.push(reason));
    await until(() => reasons.length > 0, 'the keys to be refused');
    expect(reasons[0]).toContain(`longer than ${MAX_KEYS_BYTES} bytes`);
    expect(await verdict(checks, jwt({}, one.privateKey, 'ES256', 'one'))).toBe('busy');
    server.body = undefined;
    server.keys = [one.jwk];
    expect(await verdict(checks, jwt({}, one.privateKey, 'ES256', 'one'))).toEqual([['bob'], undefined]);
    checks.close();
  });

  it('waits for the keys with few others', async () => {
    const one = ecKey('one');
    await using server = await new KeyServer().start();
    server.keys = [one.jwk];
    const checks = await open({ AUTH_JWT_JWKS: server.url });
    const token = await jwt({}, one.privateKey, 'ES256', 'one');
    const all = Array.from({ length: MAX_JWT_CHECKS + 1 }, () => checks.check(token));
    expect((await Promise.all(all)).filter((each) => each === 'busy').length).toBe(1);
    checks.close();
  });
});
