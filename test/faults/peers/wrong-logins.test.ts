/** Crowds that log in with wrong proofs harm nobody, and learn nothing from how long it takes. */
import { describe, expect, it } from 'vitest';
import { AccountAuthenticator, FAILURE_MS } from '../../../src/session/auth/account-authenticator.ts';
import { changeAccounts } from '../../../src/session/auth/accounts/file.ts';
import { storedPassword } from '../../../src/session/auth/accounts/password.ts';
import { hashOfToken, newToken } from '../../../src/session/auth/accounts/secret.ts';
import { Accounts } from '../../../src/session/auth/accounts/state.ts';
import { AuthCounts } from '../../../src/session/auth/auth-counts.ts';
import { Failures } from '../../../src/session/auth/limits/failures.ts';
import {
  MAX_WAITING,
  PASSWORD_THREADS,
  PasswordChecks,
  PasswordThreads,
} from '../../../src/session/auth/proofs/password-checks.ts';
import { startBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { fastOrLong } from '../../helpers/pace/long.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

const LOGINS = fastOrLong(500, 10_000);
/** How many of them are here at a time: each is answered after a second. */
const AT_ONCE = 250;
/** More than may wait for their passwords to be checked. */
const ADDRESSES = 120;
/** The tries of each kind whose time is compared. The short version, in authenticator.test.ts, compares the work. */
const TRIES = 500;
/** Two medians of equal work differ by less, on a machine that does other things too. */
const MEDIANS_APART = 0.05;
/** The time that a round trip of others may take, for all but the slowest of a hundred. */
const ROUND_TRIP_MS = 200;

/** A broker with two peers that are here, and the account of bob. */
async function broker() {
  const folder = temporaryFolder();
  const token = newToken();
  const accounts = [{ name: 'bob', password: storedPassword(Buffer.from('right password')), created: 0 }];
  const tokens = [{ sha256: hashOfToken(token), names: ['*'], created: 0 }];
  await changeAccounts(folder.path, () => [{ version: 1, accounts, tokens }, undefined]);
  const it = await startBroker({ AUTH: 'required', DATA_DIR: folder.path, HTTP_PORT: 'off' });
  return {
    it,
    token,
    async [Symbol.asyncDispose]() {
      await it[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Logs in by a wrong password. Resolves when the broker has ended the session. */
async function wrongLogin(port: number, i: number): Promise<string> {
  const peer = await Peer.connect(port);
  peer.send(`${i % 2 === 0 ? 'bob' : `nobody-${i}`}\nwrong ${i}\n`);
  await peer.gone();
  peer.destroy();
  return peer.received;
}

describe('wrong logins', () => {
  it(`of a crowd, ${LOGINS} of them, do not hold up who is here`, { timeout: paced(300_000) }, async () => {
    await using at = await broker();
    const { port } = at.it;
    const ann = await Peer.connect(port);
    ann.send(`ann\n${at.token}\n`);
    await ann.got('* you are ann');
    let left = LOGINS;
    const answers = new Set<string>();
    const crowd = Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) answers.add((await wrongLogin(port, left)).replace(/^.*\?\n/, '').replace(/\d+/, 'N'));
      }),
    );
    const tookMs: number[] = [];
    for (let i = 0; left > 0; i++) {
      const since = performance.now();
      ann.send(`ann: ping ${i}\n`);
      await until(() => ann.tail(64).includes(`from ann: ping ${i}\n`), 'the round trip');
      tookMs.push(performance.now() - since);
    }
    await crowd;
    tookMs.sort((a, b) => a - b);
    const [p50 = 0, p99 = 0] = [0.5, 0.99].map((part) => tookMs[Math.floor(tookMs.length * part)]);
    if (fastOrLong(false, true)) console.log(`${tookMs.length} round trips: p50 ${p50} ms, p99 ${p99} ms`);
    expect(p99).toBeLessThan(pacedNow(ROUND_TRIP_MS));
    expect([...answers].map((text) => text.trim()).sort()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('* too many logins have failed'),
        '* wrong name, password or token',
      ]),
    );
    // A token is taken all the same, and nothing of the crowd is left.
    const eve = await Peer.connect(port);
    eve.send(`eve\n${at.token}\n`);
    await eve.got('* you are eve');
    await until(() => at.it.broker.view.sessions().length === 2, 'the crowd to be gone');
    eve.destroy();
    ann.destroy();
  });
});

describe('wrong logins from many addresses at once', () => {
  it('do not keep out who comes back to where it has logged in', { timeout: paced(60_000) }, async () => {
    await using at = await broker();
    const comeBack = async () => {
      const bob = await Peer.connect(at.it.port, '127.9.9.9');
      bob.send('bob\nright password\n');
      await bob.got('* you are bob');
      await bob.leave();
    };
    await comeBack();
    const crowd = await Promise.all(
      Array.from({ length: ADDRESSES }, async (_, i) => {
        const peer = await Peer.connect(at.it.port, `127.1.0.${i + 1}`);
        peer.send(`nobody-${i}\nwrong\n`);
        return peer;
      }),
    );
    const asked = () => at.it.broker.view.sessions().filter(({ standing }) => standing === 'authenticating').length;
    await until(() => asked() > MAX_WAITING + PASSWORD_THREADS, 'more to be checked than may wait');
    await comeBack();
    for (const peer of crowd) peer.destroy();
  });
});

describe.runIf(fastOrLong(false, true))('an unknown name and a wrong password', () => {
  it('take the same time to be checked', { timeout: paced(900_000) }, async () => {
    const threads = new PasswordThreads();
    const accounts = new Accounts({
      version: 1,
      accounts: [{ name: 'bob', password: storedPassword(Buffer.from('right password')), created: 0 }],
      tokens: [],
    });
    let leftMs = 0;
    let clock = 0;
    const authenticator = new AccountAuthenticator({
      mode: 'required',
      defaultSend: undefined,
      accounts: () => accounts,
      passwords: new PasswordChecks(threads.check),
      jwt: undefined,
      failures: new Failures(() => clock),
      counts: new AuthCounts(),
      now: () => performance.now(),
      // What is left of the second says how long the rest took.
      delay: (ms) => {
        leftMs = ms;
        return Promise.resolve();
      },
    });
    const tookMs: Record<'bob' | 'zoe', number[]> = { bob: [], zoe: [] };
    for (let i = 0; i < 2 * TRIES; i++) {
      const name = i % 2 === 0 ? 'bob' : 'zoe';
      clock += 60_000; // no limit is reached
      const address = `10.${i >> 8}.${i & 255}.1`;
      const peer = { address, port: 1, text: address, secure: false };
      await authenticator.authenticate(Buffer.from(name), Buffer.from(`wrong ${i}`), peer);
      tookMs[name].push(FAILURE_MS - leftMs);
    }
    await threads.close();
    const [wrong, unknown] = [median(tookMs.bob), median(tookMs.zoe)];
    console.log(`median of ${TRIES}: wrong ${wrong.toFixed(2)} ms, unknown ${unknown.toFixed(2)} ms`);
    expect(Math.abs(wrong / unknown - 1)).toBeLessThan(MEDIANS_APART);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
