import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isPassword,
  MAX_HASH_BYTES,
  NOBODYS,
  normalPassword,
  readStored,
  type StoredPassword,
  storedPassword,
} from '../../../../src/session/auth/accounts/password.ts';
import {
  MAX_KNOWN_WAITING,
  MAX_KNOWN_WAITING_FROM_ONE,
  MAX_WAITING,
  MAX_WAITING_FROM_ONE,
  PASSWORD_THREADS,
  PasswordChecks,
  PasswordThreads,
} from '../../../../src/session/auth/proofs/password-checks.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
const stored = (text: string): StoredPassword => readStored(text) ?? expect.fail('no stored password');
const salt = randomBytes(16).toString('base64').replaceAll('=', '');
const hash = randomBytes(32).toString('base64').replaceAll('=', '');

describe('what is stored of a password', () => {
  it('is of that password alone, and other each time', () => {
    const text = storedPassword(bytes('correct horse'));
    expect(text).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(isPassword(bytes('correct horse'), stored(text))).toBe(true);
    expect(isPassword(bytes('correct horsf'), stored(text))).toBe(false);
    expect(storedPassword(bytes('correct horse'))).not.toBe(text);
    expect(isPassword(bytes(''), NOBODYS)).toBe(false);
  });

  it('keeps its parameters when the default changes', () => {
    const old = stored(`$scrypt$ln=10,r=8,p=2$${salt}$${hash}`);
    expect([old.ln, old.r, old.p]).toEqual([10, 8, 2]);
  });

  it.each([
    `$scrypt$ln=20,r=8,p=1$${salt}$${hash}`, // 1 GiB
    `$scrypt$ln=15,r=8,p=9$${salt}$${hash}`,
    `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=15,r=0,p=1$${salt}$${hash}`,
    `$scrypt$ln=15,r=8,p=1$x$${hash}`,
    `$argon2id$v=19$m=1,t=1,p=1$${salt}$${hash}`,
    '',
  ])('is refused where it is none, or would take too much: %s', (text) => {
    expect(readStored(text)).toBeUndefined();
  });

  it('may ask for so much memory', () => {
    expect(MAX_HASH_BYTES).toBe(128 * 2 ** 16 * 8);
    expect(readStored(`$scrypt$ln=16,r=8,p=8$${salt}$${hash}`)).toBeDefined();
  });

  it('is the same for a character that is typed in two ways', () => {
    expect(Buffer.from(normalPassword(bytes('zoe\u0308'))).toString()).toBe('zo\u00eb');
  });
});

/** Checks that end when the test says so. */
function paperChecks(threads = 1) {
  const started: { readonly password: string; readonly end: (right: boolean) => void }[] = [];
  const checks = new PasswordChecks(
    ({ password }) =>
      new Promise((resolve) => started.push({ password: Buffer.from(password).toString(), end: resolve })),
    threads,
  );
  const ask = (from: string, mayStart = () => true, isKnown = false, text = 'secret') =>
    checks.check(bytes(text), NOBODYS, from, isKnown, mayStart);
  const askKnown = (from: string, text = 'known') => ask(from, () => true, true, text);
  return { checks, started, ask, askKnown };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('checks of passwords', () => {
  it('are done a few at a time, in order', async () => {
    const { started, ask } = paperChecks(2);
    const all = [ask('a'), ask('b'), ask('c')];
    expect(started.length).toBe(2);
    started[0]?.end(true);
    await turn();
    expect(started.length).toBe(3);
    started[1]?.end(false);
    started[2]?.end(true);
    expect(await Promise.all(all)).toEqual(['right', 'wrong', 'right']);
  });

  it('that wait are bounded, and those from one address more so', async () => {
    const { started, ask } = paperChecks();
    const running = ask('a');
    const fromOne = Array.from({ length: MAX_WAITING_FROM_ONE }, () => ask('a'));
    expect(await ask('a')).toBe('busy');
    const others = Array.from({ length: MAX_WAITING - MAX_WAITING_FROM_ONE }, (_, i) => ask(`b${i}`));
    expect(await ask('c')).toBe('busy');
    for (let i = 0; i < 1 + MAX_WAITING; i++) {
      started[i]?.end(true);
      await turn();
    }
    expect(new Set(await Promise.all([running, ...fromOne, ...others]))).toEqual(new Set(['right']));
    void ask('a');
    expect(started.length).toBe(MAX_WAITING + 2);
  });

  it('of those who are known there have places of their own, in turns with strangers', async () => {
    const { started, ask, askKnown } = paperChecks();
    const strangers = Array.from({ length: 1 + MAX_WAITING }, (_, i) => ask(`b${i}`));
    expect(await ask('c')).toBe('busy');
    const known = Array.from({ length: MAX_KNOWN_WAITING }, (_, i) => askKnown(`k${i}`));
    expect(await askKnown('l'), 'no place is left').toBe('busy');
    for (let i = 0; i < strangers.length + known.length; i++) {
      started[i]?.end(true);
      await turn();
    }
    const order = started.map(({ password }) => password);
    expect(order.slice(0, 5)).toEqual(['secret', 'known', 'secret', 'known', 'secret']);
    expect(order.lastIndexOf('known')).toBe(2 * MAX_KNOWN_WAITING - 1);
    expect(new Set(await Promise.all([...strangers, ...known]))).toEqual(new Set(['right']));
  });

  it('of those who are known there take the places of strangers where one address has taken too many', async () => {
    const { started, ask, askKnown } = paperChecks();
    const all = [
      ask('a'),
      ...Array.from({ length: MAX_KNOWN_WAITING_FROM_ONE + 1 }, () => askKnown('k')),
      askKnown('m'),
    ];
    for (let i = 0; i < all.length; i++) {
      started[i]?.end(true);
      await turn();
    }
    expect(new Set(await Promise.all(all))).toEqual(new Set(['right']));
  });

  it('are dropped where others have failed meanwhile', async () => {
    const { started, ask } = paperChecks();
    const first = ask('a');
    const second = ask('a', () => false);
    started[0]?.end(false);
    expect([await first, await second, started.length]).toEqual(['wrong', 'dropped', 1]);
  });

  it('wipe what they were given, also where that was not checked', async () => {
    const { checks, started } = paperChecks();
    const [one, two] = [bytes('secret'), bytes('secret')];
    const first = checks.check(one, NOBODYS, 'a', false, () => true);
    const second = checks.check(two, NOBODYS, 'a', false, () => false);
    expect(started[0]?.password).toBe('secret');
    started[0]?.end(true);
    await Promise.all([first, second]);
    expect([...one, ...two].every((byte) => byte === 0)).toBe(true);
  });

  it('go on when a thread has failed', async () => {
    const checks = new PasswordChecks(() => Promise.reject(new Error('no thread')), 1);
    await expect(checks.check(bytes('x'), NOBODYS, 'a', false, () => true)).rejects.toThrow('no thread');
    await expect(checks.check(bytes('x'), NOBODYS, 'a', false, () => true)).rejects.toThrow('no thread');
  });

  it('are done in threads of their own', async () => {
    const threads = new PasswordThreads();
    const right = stored(storedPassword(bytes('correct horse')));
    expect(await threads.check({ password: bytes('correct horse'), stored: right })).toBe(true);
    expect(await threads.check({ password: bytes('wrong'), stored: right })).toBe(false);
    expect(PASSWORD_THREADS).toBeGreaterThan(0);
    await threads.close();
  });
});
