/** Every way into a broker that asks for proofs, with every kind of proof. */
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthBroker, accountOf, LOGINS, PASSWORD, tokenOf } from './accounts.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const KEY = Buffer.from(SECRET);
const MINUTE_S = 60;
const now = () => Math.floor(Date.now() / 1000);

const [good, storedGood] = tokenOf(['bob']);
const [team, storedTeam] = tokenOf(['team-*']);
const [expired, storedExpired] = tokenOf(['bob'], { expires: 1 });
const [revoked, storedRevoked] = tokenOf(['bob']);
const [sender, storedSender] = tokenOf([]);
const [unknown] = tokenOf(['bob']);

interface Said {
  readonly sub?: string;
  readonly exp?: number;
  readonly iss?: string;
  readonly aud?: string;
  readonly [claim: string]: unknown;
}

const signed = ({ exp = now() + MINUTE_S, iss = 'us', aud = 'restante', ...rest }: Said, key: Uint8Array = KEY) =>
  new SignJWT({ exp, iss, aud, ...rest }).setProtectedHeader({ alg: 'HS256' }).sign(key);

/** A JWT that says it is signed by nobody. */
const unsigned = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'bob', exp: now() + MINUTE_S, iss: 'us', aud: 'restante' })}.`;
};

describe.each(LOGINS)('with AUTH=required, a peer over %s', (_way, login) => {
  let it_: AuthBroker;
  beforeAll(async () => {
    it_ = await AuthBroker.start(
      {
        accounts: [accountOf('bob'), accountOf('eve')],
        tokens: [storedGood, storedTeam, storedExpired, storedRevoked, storedSender],
      },
      { AUTH_JWT_SECRET: SECRET, AUTH_JWT_ISSUER: 'us', AUTH_JWT_AUDIENCE: 'restante' },
    );
  });
  afterAll(() => it_[Symbol.asyncDispose]());

  it('is let in by its password, its token, or a token for names that begin so', async () => {
    const { up } = it_;
    expect(await login(up, 'bob', PASSWORD)).toBe('in');
    expect(await login(up, 'bob', good)).toBe('in');
    expect(await login(up, 'team-red', team)).toBe('in');
  });

  it('is let in by a JWT that is for its name', async () => {
    const { up } = it_;
    expect(await login(up, 'carol', await signed({ sub: 'carol' }))).toBe('in');
    expect(await login(up, 'job-1', await signed({ sub: 'x', 'restante.names': ['job-*'] }))).toBe('in');
    expect(await login(up, 'job-1', await signed({ sub: 'x', restante: { names: 'job-1' } }))).toBe('in');
    expect(await login(up, 'late', await signed({ sub: 'late', exp: now() - 10 }))).toBe('in'); // clocks differ
  });

  it('is let in by a token that was revoked, until then', async () => {
    const { up } = it_;
    expect(await login(up, 'bob', revoked)).toBe('in');
    const accounts = [accountOf('bob'), accountOf('eve')];
    await it_.change({ accounts, tokens: [storedGood, storedTeam, storedExpired, storedSender] });
    expect(await login(up, 'bob', revoked)).toBe('AUTH_FAILED');
  });

  it('is not let in without a proof, or by a wrong, expired, foreign or unknown one, and is not told why', async () => {
    const { up } = it_;
    expect(await login(up, 'bob')).toBe('AUTH_REQUIRED');
    expect(await login(up, 'zoe')).toBe('AUTH_REQUIRED');
    const wrong = [
      ['bob', 'wrong password'],
      ['zoe', PASSWORD], // who has no account
      ['bob', expired],
      ['bob', unknown],
      ['eve', good],
      ['teamster', team],
      ['eve', sender],
    ] as const;
    const came = await Promise.all(wrong.map(([name, proof]) => login(up, name, proof)));
    expect(came).toEqual(wrong.map(() => 'AUTH_FAILED'));
  });

  it('is not let in by a JWT that is expired, foreign, or not signed as it must be', async () => {
    const { up } = it_;
    const { publicKey } = generateKeyPairSync('ed25519');
    const jwts = await Promise.all([
      signed({ sub: 'bob', exp: now() - MINUTE_S }),
      signed({ sub: 'eve' }),
      signed({ sub: 'bob', iss: 'them' }),
      signed({ sub: 'bob', aud: 'others' }),
      signed({ sub: 'bob', 'restante.send': ['a*b'] }),
      signed({ sub: 'bob' }, publicKey.export({ type: 'spki', format: 'der' })),
    ]);
    const came = await Promise.all([...jwts, unsigned()].map((jwt) => login(up, 'bob', jwt)));
    // One address may fail ten times, and some were before these.
    expect(came.filter((code) => code !== 'AUTH_FAILED' && code !== 'AUTH_LIMITED')).toEqual([]);
  });
});
