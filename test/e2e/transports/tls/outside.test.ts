/** Clients that are not ours: openssl, ncat and curl, with the certificates of `restante certs`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { commandOf } from '../../../helpers/programs/build.ts';
import { Program } from '../../../helpers/programs/program.ts';
import { until } from '../../../helpers/until.ts';
import { ran } from '../../restante/restante.ts';

const NO_BROKER = { port: 1 };
const folder = temporaryFolder();
const file = (name: string) => join(folder.path, 'tls', name);
const settings = () => ({ TLS_CERT: file('server.pem'), TLS_KEY: file('server.key'), TLS_PORT: 0 });
const securePort = ({ broker }: TestBroker) => broker.ports.secureAddress?.port ?? 0;
const has = (command: string) => spawnSync(command, ['--version']).error === undefined;

let made: Awaited<ReturnType<typeof ran>>;
beforeAll(async () => {
  made = await ran(NO_BROKER, ['certs', file(''), '--host', 'chat.example', '--client', 'alice', '--client', 'a/b']);
});
afterAll(() => folder[Symbol.dispose]());

describe('restante certs', () => {
  it('makes files, keys for their owner alone, and says what to do next', () => {
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/TLS_CERT=\S+server\.pem TLS_KEY=\S+server\.key TLS_CLIENT_CA=\S+ca\.pem npm start/);
    const pairs = ['ca', 'client-a%2Fb', 'client-alice', 'server'].flatMap((name) => [`${name}.key`, `${name}.pem`]);
    expect(readdirSync(file('')).sort()).toEqual(pairs);
    const modes = new Set(
      pairs.filter((name) => name.endsWith('.key')).map((name) => statSync(file(name)).mode & 0o777),
    );
    expect([...modes]).toEqual([0o600]);
  });

  it('overwrites nothing', async () => {
    const again = await ran(NO_BROKER, ['certs', file('')]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toMatch(/^restante: .+ca\.pem is there already, and is not overwritten\n$/);
  });

  it.skipIf(process.getuid?.() === 0)('says in one line that it cannot write', async () => {
    chmodSync(folder.path, 0o500);
    const refused = await ran(NO_BROKER, ['certs', join(folder.path, 'other')]);
    chmodSync(folder.path, 0o700);
    expect(refused.code).toBe(1);
  });
});

/** Starts a client that is typed to, and talks to a peer without TLS. */
async function talksBothWays(command: (port: number) => string[], more: object = {}): Promise<void> {
  await using broker = await startBroker({ ...settings(), ...more });
  const bob = await broker.peer('bob');
  await using client = new Program(command(securePort(broker)), { stdin: 'typed' });
  client.type('eve\n');
  await until(
    () => client.stdout.includes('* you are eve'),
    () => `the welcome, got ${client.stdout}${client.stderr}`,
  );
  client.type('bob: hello\n');
  await bob.got('from eve: hello\n');
  bob.send('eve: hello to you\n');
  await until(() => client.stdout.includes('from bob: hello to you'), 'the answer');
}

const openssl = (port: number) =>
  ['openssl', 's_client', '-quiet', '-verify_return_error', '-CAfile', file('ca.pem')].concat(
    '-verify_hostname',
    'localhost',
    '-connect',
    `127.0.0.1:${port}`,
  );

describe('a client with TLS', () => {
  it.skipIf(!has('openssl'))('openssl talks both ways', () => talksBothWays(openssl));

  it.skipIf(!has('openssl'))('openssl talks both ways by TLS 1.2', () =>
    talksBothWays((port) => [...openssl(port), '-tls1_2']),
  );

  it.skipIf(!has('openssl'))('openssl shows its certificate', () =>
    talksBothWays((port) => [...openssl(port), '-cert', file('client-alice.pem'), '-key', file('client-alice.key')], {
      TLS_CLIENT_CA: file('ca.pem'),
    }),
  );

  it.skipIf(!has('ncat'))('ncat talks both ways', () =>
    talksBothWays((port) => ['ncat', '--ssl-verify', '--ssl-trustfile', file('ca.pem'), 'localhost', `${port}`]),
  );

  it.skipIf(!has('curl'))('curl asks whether the broker is ready, and so does the health check', async () => {
    await using broker = await startBroker({ ...settings(), HTTP_PORT: 0 });
    const url = broker.broker.httpUrl ?? '';
    expect(url).toMatch(/^https:/);
    await using curl = new Program(['curl', '-sS', '--cacert', file('ca.pem'), `${url}/readyz`]);
    expect(await curl.ended()).toBe(0);
    expect(curl.stdout).toMatch(/"status":"ready"/);
    const health = [...commandOf('src/tools/cli/health.ts'), '--ready'];
    const env = { TLS_CERT: file('server.pem'), TLS_KEY: file('server.key'), HTTP_PORT: new URL(url).port };
    await using check = new Program(health, { env });
    expect(await check.ended()).toBe(0);
    expect(check.stdout).toMatch(/^healthy: /);
    await using blind = new Program(['curl', '-sS', `${url}/readyz`]);
    expect(await blind.ended()).toBe(60);
  });
});
