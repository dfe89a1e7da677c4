/** Settings from a file and the environment: which wins, and all that is wrong at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../src/shared/common/config/problems.ts';
import { configFile, readSources } from '../../../../src/shared/common/config/sources.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** Reads a file with this text, and this environment. */
async function read(text: string, env: Record<string, string> = {}) {
  using folder = temporaryFolder();
  const file = join(folder.path, 'r.toml');
  writeFileSync(file, text);
  return await readSources(env, file);
}

/** All that is wrong, without the folder of the file. */
async function problems(text: string, env: Record<string, string> = {}): Promise<string[]> {
  const error = await read(text, env).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof ConfigError)) throw new Error('it was taken', { cause: error });
  expect(error.exitCode).toBe(2);
  return error.message.split('\n').map((line) => line.replace(/^.*\/(?=r\.toml:)/, ''));
}

describe('a file', () => {
  it('has the keys of the environment, and values of TOML', async () => {
    const text = `
      PORT = 9000
      HTTP_PORT = false
      NOTICES = false
      STRICT = "off"
      MAILBOX_MAX_BYTES = "64KiB"
      MAX_NAMES = "unlimited"
      HOLD_SECONDS = 0.5
      HTTP_ORIGINS = ["https://a.example", "http://b:81"]
      LOG_LEVEL = 'debug'`;
    expect((await read(text)).config).toEqual({
      ...readConfig({}),
      PORT: 9000,
      HTTP_PORT: 'off',
      NOTICES: 'off',
      STRICT: 'off',
      MAILBOX_MAX_BYTES: 65_536,
      MAX_NAMES: Number.POSITIVE_INFINITY,
      HOLD_SECONDS: 0.5,
      HTTP_ORIGINS: ['https://a.example', 'http://b:81'],
      LOG_LEVEL: 'debug',
    });
  });

  it('may write values as the environment does, and lists as nothing', async () => {
    const { config } = await read('PORT = "9000"\nHTTP_ORIGINS = []\nNOTICES = "off"');
    expect([config.PORT, config.HTTP_ORIGINS, config.NOTICES]).toEqual([9000, [], 'off']);
    expect((await read('HTTP_ORIGINS = "https://a.example, http://b"')).config.HTTP_ORIGINS).toHaveLength(2);
  });

  it('gives way to the environment, unless a variable is empty; and each value says where it is from', async () => {
    const { config, origins } = await read('PORT = 1\nHOST = "::1"\n', { PORT: '2', HOST: '' });
    expect([config.PORT, config.HOST, Object.isFrozen(config)]).toEqual([2, '::1', true]);
    expect(origins.PORT).toEqual({ from: 'environment' });
    expect(origins.HOST).toMatchObject({ from: 'file', place: { line: 2, column: 1 } });
    expect(origins.SHARDS).toEqual({ from: 'default' });
  });

  it('is the one of the option, or else of the environment', () => {
    expect(configFile('a', { RESTANTE_CONFIG: 'b' })).toBe('a');
    expect(configFile(undefined, { RESTANTE_CONFIG: 'b' })).toBe('b');
    expect([configFile(undefined, { RESTANTE_CONFIG: '' }), configFile(undefined, {})]).toEqual([undefined, undefined]);
  });
});

describe('what is wrong', () => {
  it('is told all at once, with line and column, the environment last', async () => {
    expect(await problems('PORT = 70000\nPROT = 1\n\n  NOTICES = 1 # on\n', { SHARDS: '0' })).toEqual([
      'r.toml:1:8: PORT is 70000, but must be a whole number from 0 to 65535',
      'r.toml:2:1: PROT is no setting: was PORT meant?',
      'r.toml:4:13: NOTICES is 1, but must be one of on, off',
      'SHARDS is "0", but must be a whole number from 1 to 64',
    ]);
  });

  it.each([
    ['port = 1', '1:1: port is no setting: was PORT meant?'],
    ['max_connections = 1', '1:1: max_connections is no setting: was MAX_CONNECTIONS meant?'],
    ['COLOUR = 1', '1:1: COLOUR is no setting'],
    ['"__proto__" = 1', '1:1: __proto__ is no setting'],
    ['HTTP.PORT = 1', '1:1: HTTP is no setting, and there are no tables: settings stand at the top'],
    ['\n[server]\nPORT = 1', '2:1: server is no setting, and there are no tables: settings stand at the top'],
    ['PORT = true', '1:8: PORT is true, but must be a whole number from 0 to 65535'],
    ['PORT = 8080.5', '1:8: PORT is 8080.5, but must be a whole number from 0 to 65535'],
    ['PORT = 99999999999999999999', '1:8: PORT is 99999999999999999999, but must be a whole number from 0 to 65535'],
    ['PORT = [1]', '1:8: PORT is [1], but must be a whole number from 0 to 65535'],
    ['PORT = ""', '1:8: PORT is "", but must be a whole number from 0 to 65535'],
    ['PORT = 2020-01-01', '1:8: PORT is 2020-01-01, but must be a whole number from 0 to 65535'],
    ['PORT = { a = 1 }', '1:8: PORT is { a = 1 }, but must be a whole number from 0 to 65535'],
    ['HOST = 1', '1:8: HOST is 1, but must be an address or a host name'],
    ['DATA_DIR = true', '1:12: DATA_DIR is true, but must be a folder'],
    ['HTTP_PORT = true', '1:13: HTTP_PORT is true, but must be a whole number from 0 to 65535, or off'],
    ['PING_SECONDS = nan', '1:16: PING_SECONDS is nan, but must be a number of seconds from 1 to 2000000'],
    [`HOST = 1 #\u0007`, '1:11: this is no TOML: control characters are not allowed in comments'],
  ])('is named: %j', async (text, said) => {
    expect(await problems(text)).toEqual([`r.toml:${said}`]);
  });

  it.each([
    ['["https://a.example",\r\n  "bad"]', '2:3: HTTP_ORIGINS is "bad"'],
    ['["https://a.example", 1]', '1:38: HTTP_ORIGINS is 1,'],
    ['["https://a.example,https://b.example"]', '1:17: HTTP_ORIGINS is "https://a.example,https://b.example"'],
    ['["https://a.example", ["https://b.example"]]', '1:38: HTTP_ORIGINS is ["https://b.example"]'],
  ])('is named within a list: %j', async (text, said) => {
    const [first = ''] = await problems(`HTTP_ORIGINS = ${text}`);
    expect(first).toContain(`r.toml:${said}`);
  });

  it('is told of the file, also where the environment wins; and of a value no more than its beginning', async () => {
    expect(await problems('PORT = 70000', { PORT: '1' })).toHaveLength(1);
    const [long = ''] = await problems(`LOG_LEVEL = "${'x'.repeat(999)}\\n"`);
    expect(long.length).toBeLessThan(200);
  });

  it('is told without the user and the password of an address, however long they are', async () => {
    const address = `https://bob:${'hush'.repeat(30)}@a.example`;
    const told = await problems(`HTTP_ORIGINS = ["${address}"]`, { AUTH_JWT_JWKS: address });
    expect(told).toEqual([
      expect.stringContaining('HTTP_ORIGINS is "https://…@a.example", but'),
      expect.stringContaining('AUTH_JWT_JWKS is "https://…@a.example", but'),
    ]);
  });

  it('is counted beyond fifty', async () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `X${i} = ${i}`).join('\n');
    const told = await problems(text);
    expect([told.length, told.at(-1)]).toEqual([51, 'and 4950 more']);
  });
});
