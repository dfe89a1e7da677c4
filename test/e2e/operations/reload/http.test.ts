/** `POST /v1/reload`, `restante reload`, and the metrics of reloads, on a broker that runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../../../../src/shared/common/config/sources.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { numbered } from '../../../helpers/mail.ts';
import { commandOf } from '../../../helpers/programs/build.ts';
import { Program } from '../../../helpers/programs/program.ts';
import { RawClient } from '../../../helpers/programs/raw-client.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';

const RESTANTE = commandOf('src/tools/cli/restante.ts');

/** A broker whose MAX_DESTINATIONS and PORT are those of a file. */
async function brokerOf(file: string, settings = {}): Promise<TestBroker> {
  return await startBroker({ SHARDS: 1, ...settings }, undefined, async (config) => {
    const { MAX_DESTINATIONS, PORT } = (await readSources({ PORT: '0' }, file)).config;
    return { ...config, MAX_DESTINATIONS, PORT };
  });
}

const urlOf = ({ broker }: TestBroker) => broker.httpUrl ?? '';
const post = (broker: TestBroker, headers: Record<string, string> = {}) =>
  fetch(`${urlOf(broker)}/v1/reload`, { method: 'POST', headers });

async function metric(broker: TestBroker, name: string): Promise<number> {
  const text = await (await fetch(`${urlOf(broker)}/metrics`)).text();
  return Number(new RegExp(`^restante_config_last_reload_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

describe('POST /v1/reload', () => {
  it('says what has changed, or what is wrong, and the metrics say which was last', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'r.toml');
    await using broker = await brokerOf(file);
    const started = await metric(broker, 'success_timestamp_seconds');
    expect(Math.abs(Date.now() / 1000 - started)).toBeLessThan(600);
    expect(await metric(broker, 'successful')).toBe(1);

    writeFileSync(file, 'MAX_DESTINATIONS = 0\nX = 1');
    const refused = await post(broker);
    const problems = [
      {
        file,
        place: { line: 1, column: 20 },
        text: 'MAX_DESTINATIONS is 0, but must be a whole number from 1 to 1000000',
      },
      { file, place: { line: 2, column: 1 }, text: 'X is no setting' },
    ];
    const [status, said] = [refused.status, await refused.json()];
    expect([status, said]).toMatchObject([422, { code: 'CONFIG_WRONG' }]);
    expect((said as { problems: { text: string }[] }).problems.map(({ text }) => text).sort()).toEqual(
      problems.map(({ text }) => text).sort(),
    );
    expect(await metric(broker, 'successful')).toBe(0);
    expect(await metric(broker, 'success_timestamp_seconds')).toBe(started);

    writeFileSync(file, 'MAX_DESTINATIONS = 5');
    const taken = await post(broker);
    const changed = [{ name: 'MAX_DESTINATIONS', from: '1000', to: '5' }];
    expect([taken.status, await taken.json()]).toEqual([200, { changed, needsRestart: [] }]);
    expect(await metric(broker, 'successful')).toBe(1);
    expect(await metric(broker, 'success_timestamp_seconds')).toBeGreaterThan(started);
  });

  it.each([
    ['none', ''],
    ['an empty one', 'Content-Length: 0\r\n'],
    ['one in pieces', 'Transfer-Encoding: chunked\r\n'],
  ])('takes a request whose body is %s, as clients send it', async (_what, header) => {
    await using broker = await startBroker({ SHARDS: 1 });
    const body = header.includes('chunked') ? '2\r\n{}\r\n0\r\n\r\n' : '';
    const head = `POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`;
    using client = new RawClient(urlOf(broker)).write(`${head}${body}`);
    expect(await client.ended('a connection')).toBe('HTTP/1.1 200 OK');
    expect(client.received).toContain('{"changed":[],"needsRestart":[]}');
  });

  it('is for programs on this machine alone, and for no other method', async () => {
    await using broker = await startBroker({ SHARDS: 1, HTTP_ORIGINS: 'https://chat.example' });
    for (const headers of [
      { origin: 'https://chat.example' },
      { 'x-forwarded-for': '203.0.113.1' },
      { forwarded: 'for=203.0.113.1' },
      { via: '1.1 proxy' },
    ]) {
      const answer = await post(broker, headers as Record<string, string>);
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'NOT_LOCAL' }]);
    }
    const got = await fetch(`${urlOf(broker)}/v1/reload`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post(broker)).status).toBe(200);
  });

  it('is refused while the broker stops', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const frozen = await broker.peer('frozen');
    frozen.freeze();
    const alice = await broker.peer('alice');
    alice.send(`${numbered('frozen', 0, 400, 50_000)}alice: done\n`);
    await alice.got('from alice: done\n');
    const stopped = broker.broker.stop();
    const answer = await post(broker);
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'BROKER_STOPPING' }]);
    frozen.destroy();
    await stopped;
  });
});

describe('restante reload', () => {
  /** Runs it for a broker. @returns its exit code and what it has said */
  async function reload(args: readonly string[], env: Record<string, string> = {}): Promise<[unknown, string]> {
    await using program = new Program([...RESTANTE, 'reload', ...args], { env });
    const code = await program.ended();
    return [code, program.stdout + program.stderr];
  }

  it('says what came of it, with an exit code', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'r.toml');
    await using broker = await brokerOf(file);
    writeFileSync(file, 'MAX_DESTINATIONS = 5\n');
    const { port } = new URL(urlOf(broker));
    const said = 'the settings were read again: MAX_DESTINATIONS from 1000 to 5\n';
    expect(await reload(['--config', file], { HTTP_PORT: port })).toEqual([0, said]);
    writeFileSync(file, 'MAX_DESTINATIONS = 0\n');
    const [code, wrong] = await reload(['--url', urlOf(broker)]);
    expect([code, wrong]).toEqual([2, expect.stringContaining('r.toml:1:20: MAX_DESTINATIONS is 0, but must be')]);
    expect(await reload(['--config', file], { HTTP_PORT: port })).toEqual([2, expect.stringContaining(':1:20:')]);
  });

  it('finds a broker with TLS, by its settings and by its address', async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker({ ...certificates.settings, HTTP_PORT: 0 });
    const { TLS_CERT, TLS_KEY } = certificates.settings;
    const HTTP_PORT = new URL(urlOf(broker)).port;
    const nothing = [0, expect.stringContaining('nothing has changed')];
    expect(await reload([], { TLS_CERT, TLS_KEY, HTTP_PORT })).toEqual(nothing);
    expect(await reload(['--url', urlOf(broker)])).toEqual(nothing);
  });

  it('says why it cannot', async () => {
    expect(await reload([], { HTTP_PORT: 'off' })).toEqual([1, expect.stringContaining('send SIGHUP')]);
    expect(await reload(['--url', 'http://127.0.0.1:1'])).toEqual([1, expect.stringContaining('no broker answers')]);
    const needsOne = { HTTP_PORT: '1', TLS_CLIENT_CA: '/ca.pem' };
    expect(await reload([], needsOne)).toEqual([1, expect.stringContaining('TLS_CLIENT_CA asks for a certificate')]);
    expect(await reload(['--what'])).toEqual([2, expect.stringContaining('--what')]);
  });
});
