/** Who is let in, with a clock, a hash and a delay on paper. */
import { describe, expect, it } from 'vitest';
import { AccountAuthenticator, FAILURE_MS } from '../../../../src/session/auth/account-authenticator.ts';
import { NOBODYS } from '../../../../src/session/auth/accounts/password.ts';
import { hashOfToken, newToken } from '../../../../src/session/auth/accounts/secret.ts';
import { Accounts, type AccountsFile, NO_ACCOUNTS } from '../../../../src/session/auth/accounts/state.ts';
import { AuthCounts } from '../../../../src/session/auth/auth-counts.ts';
import type { Decision } from '../../../../src/session/auth/authenticator.ts';
import { BY_ADDRESS, Failures } from '../../../../src/session/auth/limits/failures.ts';
import { NamePatterns } from '../../../../src/session/auth/patterns.ts';
import { PasswordChecks } from '../../../../src/session/auth/proofs/password-checks.ts';
import type { PasswordTask } from '../../../../workers/password/thread.ts';

/** So many may be hashed when the last failure that is allowed comes. */
const THREADS = 4;
const STORED = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
const account = (name: string, send?: string[]) => ({ name, password: STORED, created: 0, ...(send && { send }) });
const peer = (address = '192.0.2.1') => ({ address, port: 1, text: address, secure: false });

class Bench {
  now = 1_000;
  readonly tasks: PasswordTask[] = [];
  readonly delays: number[] = [];
  readonly counts = new AuthCounts();
  #accounts: Accounts;
  readonly it: AccountAuthenticator;

  constructor(file: Partial<AccountsFile>, mode: 'names' | 'required' = 'required', defaultSend?: string[]) {
    this.#accounts = new Accounts({ ...NO_ACCOUNTS, ...file });
    this.it = new AccountAuthenticator({
      mode,
      defaultSend: defaultSend && new NamePatterns(defaultSend),
      accounts: () => this.#accounts,
      // The password is the name of the account.
      passwords: new PasswordChecks((task) => {
        this.tasks.push({ ...task, password: Uint8Array.from(task.password) });
        this.now += 100;
        return Promise.resolve(task.stored !== NOBODYS && Buffer.from(task.password).toString() === 'right');
      }, THREADS),
      jwt: undefined,
      failures: new Failures(() => this.now),
      counts: this.counts,
      now: () => this.now,
      delay: (ms) => {
        this.delays.push(ms);
        return Promise.resolve();
      },
    });
  }

  change(file: Partial<AccountsFile>): void {
    this.#accounts = new Accounts({ ...NO_ACCOUNTS, ...file });
    this.it.changed();
  }

  ask(name: string, proof?: string, address?: string): Promise<Decision> {
    const bytes = proof === undefined ? undefined : Buffer.from(proof);
    return Promise.resolve(this.it.authenticate(Buffer.from(name), bytes, peer(address)));
  }
}

const code = (decision: Decision) =>
  decision.admitted ? 'in' : 'denial' in decision ? decision.denial.code : decision.reason;
const sendOf = (decision: Decision) => (decision.admitted ? decision.grant?.send?.texts : 'nothing');

function token(names: string[], more: object = {}) {
  const text = newToken();
  return { text, stored: { sha256: hashOfToken(text), names, created: 0, ...more } };
}

describe('an unknown name and a wrong password', () => {
  it('take the same work and the same time, and have the same words', async () => {
    const bench = new Bench({ accounts: [account('bob')] });
    const wrong = await bench.ask('bob', 'wrong');
    const unknown = await bench.ask('zoe', 'right');
    expect(wrong).toEqual(unknown);
    expect(code(wrong)).toBe('AUTH_FAILED');
    const [first, second] = bench.tasks.map(({ stored: { ln, r, p, salt, hash } }) => [
      ln,
      r,
      p,
      salt.length,
      hash.length,
    ]);
    expect(first).toEqual(second);
    expect(bench.delays).toEqual([FAILURE_MS - 100, FAILURE_MS - 100]);
  });

  it('are as an account that has no password, and a name that nobody keeps', async () => {
    const bench = new Bench({ accounts: [{ name: 'job', created: 0 }] });
    expect([code(await bench.ask('job', 'right')), code(await bench.ask('~x', 'right'))]).toEqual([
      'AUTH_FAILED',
      'AUTH_FAILED',
    ]);
    expect(bench.tasks.length).toBe(2);
  });
});

describe('limits', () => {
  it('stop passwords from being checked, and no token that is right', async () => {
    const good = token(['bob']);
    const bench = new Bench({ accounts: [account('bob')], tokens: [good.stored] });
    for (let i = 0; i < BY_ADDRESS.units; i++) await bench.ask(`n${i}`, 'wrong');
    const limited = await bench.ask('bob', 'right');
    expect(limited).toEqual({ admitted: false, denial: { code: 'AUTH_LIMITED', seconds: 6 } });
    expect(bench.tasks.length).toBe(BY_ADDRESS.units);
    expect(code(await bench.ask('bob', good.text))).toBe('in');
    expect(code(await bench.ask('bob', 'right', '192.0.2.2'))).toBe('in');
    expect(Object.fromEntries(bench.counts.logins)).toEqual({ failed: 10, limited: 1, token: 1, password: 1 });
  });

  it('hold for a crowd that asks at once, too', async () => {
    const bench = new Bench({ accounts: [account('bob')] });
    const came = await Promise.all(Array.from({ length: 200 }, () => bench.ask('bob', 'wrong')));
    expect(bench.tasks.length).toBeLessThanOrEqual(BY_ADDRESS.units + THREADS);
    expect(new Set(came.map(code))).toEqual(new Set(['AUTH_FAILED', 'AUTH_LIMITED', 'AUTH_BUSY']));
  });

  it('hash no password that is too long', async () => {
    const bench = new Bench({ accounts: [account('bob')] });
    expect(code(await bench.ask('bob', 'x'.repeat(1_025)))).toBe('AUTH_FAILED');
    expect(bench.tasks).toEqual([]);
  });
});

describe('a proof', () => {
  it('is wiped, whatever came of it', async () => {
    const bench = new Bench({ accounts: [account('bob')] });
    const proofs = ['right', 'wrong', token(['x']).text].map((text) => Buffer.from(text));
    for (const proof of proofs) await bench.it.authenticate(Buffer.from('bob'), proof, peer());
    expect(Buffer.concat(proofs).every((byte) => byte === 0)).toBe(true);
  });

  it('of a token is enough for a name that nobody keeps, and for none where it is for others', async () => {
    const only = token([]);
    const bench = new Bench({ tokens: [only.stored] });
    expect([code(await bench.ask('~x', only.text)), code(await bench.ask('bob', only.text))]).toEqual([
      'in',
      'AUTH_FAILED',
    ]);
  });

  it('gives the patterns of the token, or else of the account', async () => {
    const [own, none] = [token(['bob'], { send: ['alice'] }), token(['bob'])];
    const bench = new Bench({ accounts: [account('bob', ['eve'])], tokens: [own.stored, none.stored] });
    expect(sendOf(await bench.ask('bob', own.text))).toEqual(['alice']);
    expect(sendOf(await bench.ask('bob', none.text))).toEqual(['eve']);
    expect(sendOf(await bench.ask('bob', 'right'))).toEqual(['eve']);
  });
});

it('a token or a JWT in place of the name is refused, and so nobody sees it', async () => {
  for (const mode of ['names', 'required'] as const) {
    const { text, stored } = token(['*']);
    const bench = new Bench({ tokens: [stored] }, mode);
    for (const name of [text, 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmVk']) {
      expect(code(await bench.ask(name))).toBe('it looks like a token, and a name comes first');
      expect(code(await bench.ask(name, text))).toBe('it looks like a token, and a name comes first');
    }
    expect(code(await bench.ask('rst_of_a_name', text))).toBe('in');
  }
});

describe('with AUTH=names', () => {
  it('a free name needs no proof, and a proof that is wrong is refused all the same', async () => {
    const bench = new Bench({ accounts: [account('bob')] }, 'names', ['help']);
    const free = await bench.ask('zoe');
    expect([code(free), sendOf(free)]).toEqual(['in', ['help']]);
    expect(code(await bench.ask('bob'))).toBe('AUTH_REQUIRED');
    expect(code(await bench.ask('zoe', token(['zoe']).text))).toBe('AUTH_FAILED');
  });
});

/** Lets a peer in, and holds what it is granted. @returns how often its session was ended */
async function held(bench: Bench, name: string, proof?: string) {
  const decision = await bench.ask(name, proof);
  if (!decision.admitted || decision.grant === undefined) throw new Error(code(decision));
  let ended = 0;
  const release = decision.grant.hold(() => ended++);
  return { grant: decision.grant, release, ended: () => ended };
}

describe('when accounts change', () => {
  it('who has proved what is not valid any more is sent away, once', async () => {
    const [good, other] = [token(['bob']), token(['bob'])];
    const file = { accounts: [account('bob')], tokens: [good.stored, other.stored] };
    const bench = new Bench(file, 'names');
    const revoked = await held(bench, 'bob', good.text);
    const kept = await held(bench, 'bob', other.text);
    const byPassword = await held(bench, 'bob', 'right');
    const free = await held(bench, 'zoe');
    const password = STORED.replace('B', 'C');
    bench.change({ accounts: [{ ...account('bob'), password }, account('zoe')], tokens: [other.stored] });
    bench.change({ accounts: [{ ...account('bob'), password }, account('zoe')], tokens: [other.stored] });
    expect([revoked, kept, byPassword, free].map(({ ended }) => ended())).toEqual([1, 0, 1, 1]);
    expect(bench.counts.logins.get('withdrawn')).toBe(3);
  });

  it('patterns change for who is here, and nobody is told who has left', async () => {
    const bench = new Bench({ accounts: [account('bob'), account('eve')] });
    const bob = await held(bench, 'bob', 'right');
    const eve = await held(bench, 'eve', 'right');
    eve.release();
    bench.change({ accounts: [account('bob', ['alice'])] });
    expect([bob.grant.send?.texts, bob.ended(), eve.ended()]).toEqual([['alice'], 0, 0]);
  });

  it('a proof that was withdrawn before it was held ends its session at once', async () => {
    const bench = new Bench({ accounts: [account('bob')] });
    const decision = await bench.ask('bob', 'right');
    bench.change({});
    let ended = 0;
    if (decision.admitted) decision.grant?.hold(() => ended++);
    expect(ended).toBe(1);
  });
});
