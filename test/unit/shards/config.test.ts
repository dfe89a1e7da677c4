import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig, SETTINGS, settingsHelp } from '../../../src/shared/common/config.ts';
import { EXIT_BAD_SETTING, StartError } from '../../../src/shared/common/errors.ts';

type Name = keyof Config;

/** What is said of a setting that is refused. */
function refusal(name: Name, value: string): string {
  try {
    readConfig({ [name]: value });
  } catch (error) {
    if (error instanceof StartError && error.exitCode === 2) return error.message;
    throw error;
  }
  throw new Error(`${name}=${value} was taken`);
}

const value = (name: Name, text: string) => readConfig({ [name]: text })[name];

describe('settings that are not given', () => {
  it('have these defaults', () => {
    expect(readConfig({})).toEqual({
      HOST: '127.0.0.1',
      PORT: 8080,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 8081,
      HTTP_ORIGINS: [],
      ADMIN_TOKEN: undefined,
      ADMIN_TOKEN_FILE: 'none',
      TLS_CERT: 'none',
      TLS_KEY: 'none',
      TLS_HOST: '127.0.0.1',
      TLS_PORT: 8443,
      TLS_CLIENT_CA: 'none',
      SHARDS: Math.min(64, Math.max(1, availableParallelism() - 1)),
      DATA_DIR: './data',
      HOLD_SECONDS: 604_800,
      HOLD_UNKNOWN: 'off',
      AUTH: 'off',
      AUTH_DEFAULT_SEND: ['*'],
      AUTH_JWT_SECRET: '',
      AUTH_JWT_SECRET_FILE: '',
      AUTH_JWT_JWKS: '',
      AUTH_JWT_ISSUER: '',
      AUTH_JWT_AUDIENCE: '',
      NOTICES: 'on',
      STRICT: 'on',
      MAILBOX_MAX_MESSAGES: 10_000,
      MAILBOX_MAX_BYTES: 16 * 1024 ** 2,
      HELD_MAX_BYTES: 1024 ** 3,
      FAIR_RESERVE_PERCENT: 10,
      MAX_NAMES: 1_000_000,
      MAX_LINE_BYTES: 65_536,
      MAX_DESTINATIONS: 1_000,
      MAX_NAME_BYTES: 256,
      MAX_CONNECTIONS: 10_000,
      ADDRESS_CONNECTIONS: Number.POSITIVE_INFINITY,
      ADDRESS_CONNECTIONS_A_MINUTE: Number.POSITIVE_INFINITY,
      ADDRESS_MESSAGES_A_SECOND: Number.POSITIVE_INFINITY,
      ADDRESS_BYTES_A_SECOND: Number.POSITIVE_INFINITY,
      ACCOUNT_CONNECTIONS: Number.POSITIVE_INFINITY,
      ACCOUNT_CONNECTIONS_A_MINUTE: Number.POSITIVE_INFINITY,
      ACCOUNT_MESSAGES_A_SECOND: Number.POSITIVE_INFINITY,
      ACCOUNT_BYTES_A_SECOND: Number.POSITIVE_INFINITY,
      RATE_BURST_SECONDS: 10,
      RATE_PATIENCE_SECONDS: 3_600,
      RATE_LOOPBACK: 'off',
      PROXY_FROM: [],
      NAME_TIMEOUT_SECONDS: 10,
      PEER_SILENT_SECONDS: 60,
      PING_SECONDS: 25,
      DEDUPE_SECONDS: 120,
      DEDUPE_MAX: 100_000,
      WRITE_WINDOW_BYTES: 262_144,
      DRAIN_SECONDS: 8,
      LOG_LEVEL: 'info',
    });
  });

  it('are so too where the variable is empty, and no others are read', () => {
    const empty = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, '']));
    expect(readConfig({ ...empty, PATH: '/bin', port: '1' })).toEqual(readConfig({}));
  });
});

describe('the settings', () => {
  it('cannot be changed', () => {
    const config = readConfig({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
  });

  it('are taken from the environment', () => {
    expect(readConfig({ HOST: '::1', PORT: '9', NOTICES: 'off', LOG_LEVEL: 'silent', HOLD_SECONDS: '0.5' })).toEqual({
      ...readConfig({}),
      HOST: '::1',
      PORT: 9,
      NOTICES: 'off',
      LOG_LEVEL: 'silent',
      HOLD_SECONDS: 0.5,
    });
  });

  it.each([
    ['4096', 4096],
    ['64KiB', 65_536],
    ['16MiB', 16 * 1024 ** 2],
    ['1GiB', 1024 ** 3],
    ['unlimited', Number.POSITIVE_INFINITY],
  ])('take a size as %s', (text, bytes) => {
    expect(value('HELD_MAX_BYTES', text)).toBe(bytes);
  });

  const RATES = (Object.keys(SETTINGS) as Name[]).filter((name) => /^(ADDRESS|ACCOUNT)_/.test(name));
  const LIFTABLE: Name[] = [
    'MAILBOX_MAX_MESSAGES',
    'MAILBOX_MAX_BYTES',
    'HELD_MAX_BYTES',
    'MAX_NAMES',
    'MAX_CONNECTIONS',
    'RATE_PATIENCE_SECONDS',
    ...RATES,
  ];
  const JWT_TEXTS = ['SECRET', 'SECRET_FILE', 'ISSUER', 'AUDIENCE'].map((name) => `AUTH_JWT_${name}`);
  const TLS_TEXTS = ['HOST', 'CERT', 'KEY', 'CLIENT_CA'].map((name) => `TLS_${name}`);
  const OTHERS = ['HOST', 'HTTP_HOST', 'DATA_DIR', 'ADMIN_TOKEN', 'ADMIN_TOKEN_FILE', 'AUTH_DEFAULT_SEND'];
  const TEXTS = [...OTHERS, ...TLS_TEXTS, ...JWT_TEXTS];
  const names = Object.keys(SETTINGS).filter((name): name is Name => name in SETTINGS && !TEXTS.includes(name));

  it.each(LIFTABLE)('lift %s by the word unlimited', (name) => {
    expect(value(name, 'unlimited')).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(names.filter((name) => !LIFTABLE.includes(name)))('do not lift %s', (name) => {
    expect(refusal(name, 'unlimited')).toContain(name);
  });
});

/** Each number: its least and its greatest value, as text, and the next ones that are refused. */
const ENDS: readonly [Name, string, number, string, number, string, string][] = [
  ['PORT', '0', 0, '65535', 65_535, '-1', '65536'],
  ['HTTP_PORT', '0', 0, '65535', 65_535, '-1', '65536'],
  ['TLS_PORT', '0', 0, '65535', 65_535, '-1', '65536'],
  ['SHARDS', '1', 1, '64', 64, '0', '65'],
  ['HOLD_SECONDS', '0', 0, '10000000000', 10 ** 10, '-1', '10000000001'],
  ['MAILBOX_MAX_MESSAGES', '1', 1, '1000000000000', 10 ** 12, '0', '1000000000001'],
  ['MAILBOX_MAX_BYTES', '1', 1, '1048576GiB', 2 ** 50, '0', '1048577GiB'],
  ['HELD_MAX_BYTES', '1', 1, '1048576GiB', 2 ** 50, '0KiB', '1048577GiB'],
  ['FAIR_RESERVE_PERCENT', '0', 0, '90', 90, '-1', '91'],
  ['MAX_NAMES', '1', 1, '1000000000000', 10 ** 12, '0', '1000000000001'],
  ['MAX_LINE_BYTES', '1', 1, '64MiB', 64 * 1024 ** 2, '0', '67108865'],
  ['MAX_DESTINATIONS', '1', 1, '1000000', 1_000_000, '0', '1000001'],
  ['MAX_NAME_BYTES', '1', 1, '65535', 65_535, '0', '64KiB'],
  ['MAX_CONNECTIONS', '1', 1, '1000000000', 10 ** 9, '0', '1000000001'],
  ['ADDRESS_CONNECTIONS', '1', 1, '1000000000', 10 ** 9, '0', '1000000001'],
  ['ACCOUNT_CONNECTIONS', '2', 2, '1000000000', 10 ** 9, '1', '1000000001'],
  ['ADDRESS_BYTES_A_SECOND', '1KiB', 1024, '1024GiB', 2 ** 40, '1023', '1025GiB'],
  ['RATE_BURST_SECONDS', '1', 1, '3600', 3_600, '0.999', '3600.001'],
  ['RATE_PATIENCE_SECONDS', '1', 1, '1000000', 1_000_000, '0.999', '1000000.001'],
  ['NAME_TIMEOUT_SECONDS', '0.001', 0.001, '2000000', 2_000_000, '0', '2000001'],
  ['PEER_SILENT_SECONDS', '1', 1, '2000000', 2_000_000, '0', '2000001'],
  ['PING_SECONDS', '1', 1, '2000000', 2_000_000, '0.999', '2000001'],
  ['DEDUPE_SECONDS', '0', 0, '1000000', 10 ** 6, '-1', '1000001'],
  ['DEDUPE_MAX', '1', 1, '1000000000', 10 ** 9, '0', '1000000001'],
  ['WRITE_WINDOW_BYTES', '1', 1, '64MiB', 64 * 1024 ** 2, '0', '65MiB'],
  ['DRAIN_SECONDS', '0', 0, '2000000', 2_000_000, '-0', '2000000.001'],
];

describe('the settings of who may be whom', () => {
  it.each([
    ['*', ['*']],
    ['none', []],
    ['alice, team-*', ['alice', 'team-*']],
  ])('take the patterns %s', (text, patterns) => {
    expect(value('AUTH_DEFAULT_SEND', text)).toEqual(patterns);
  });

  it.each(['a*b', 'a,,b', 'a:b'])('do not take %s', (text) => {
    expect(refusal('AUTH_DEFAULT_SEND', text)).toContain('names such as alice');
  });

  it('take keys from an address that nobody can change on its way', () => {
    for (const text of ['https://id.example/keys', 'http://127.0.0.1:9/keys', 'http://[::1]/', 'http://localhost/k']) {
      expect(value('AUTH_JWT_JWKS', text)).toBe(text);
    }
    for (const text of ['http://id.example/keys', 'file:///etc/keys', 'keys']) {
      expect(refusal('AUTH_JWT_JWKS', text)).toContain('https://');
    }
  });

  it.each([
    ['AUTH_JWT_JWKS', 'https://bob:hush@id.example/keys'],
    ['AUTH_JWT_JWKS', 'http://bob:hu/sh@elsewhere/'],
    ['AUTH_JWT_JWKS', 'https://hush@id.example/keys'],
    ['HTTP_ORIGINS', 'https://a.example,https://bob:hush@b.example'],
  ] as const)('%s has no user and no password, and %s is refused without them', (name, text) => {
    expect(refusal(name, text)).toContain('://…@');
    expect(refusal(name, text)).not.toMatch(/hu|sh/);
  });
});

describe('the limits of a setting', () => {
  it.each(ENDS)('%s may be from %s', (name, least, number) => {
    expect(value(name, least)).toBe(number);
  });

  it.each(ENDS)('%s may be up to the greatest', (name, _least, _number, most, number) => {
    expect(value(name, most)).toBe(number);
  });

  it.each(ENDS)('%s may not be less or more, and is told so by name and value', (name, ...[, , , , less, more]) => {
    for (const text of [less, more]) {
      expect(refusal(name, text)).toMatch(new RegExp(`^${name} is "${text.replace('.', '\\.')}", but must be a .*\\d`));
    }
  });
});

describe('a list of origins', () => {
  it('is what stands between the commas, or none', () => {
    expect(value('HTTP_ORIGINS', 'none')).toEqual([]);
    const two = ['https://chat.example', 'http://broker:8081'];
    expect(value('HTTP_ORIGINS', two.join(', '))).toEqual(two);
  });

  it.each(['chat.example', 'https://chat.example/', 'https://Chat.example', 'ftp://x', 'null', '*', ',', 'https://a,'])(
    'is not %s',
    (text) => expect(refusal('HTTP_ORIGINS', text)).toContain('origins such as https://chat.example'),
  );
});

describe('a setting that makes no sense', () => {
  const NUMBERS = ENDS.map(([name]) => name);

  it.each(NUMBERS)('is refused where a number belongs: %s', (name) => {
    for (const text of [
      'many',
      ' 1',
      '1 ',
      '1e3',
      '0x10',
      '1,5',
      '64kib',
      '64 KiB',
      'KiB',
      '9'.repeat(16),
      'Infinity',
    ]) {
      expect(refusal(name, text)).toContain(`${name} is ${JSON.stringify(text)}`);
    }
  });

  it('is refused as a size in a unit where a plain number belongs, and as a part of a byte', () => {
    expect(refusal('PORT', '1KiB')).toContain('a whole number from 0 to 65535');
    expect(refusal('MAX_LINE_BYTES', '1.5KiB')).toContain('such as 4096, 64KiB, 16MiB or 1GiB');
  });

  it('is told what it may be, the word unlimited included', () => {
    expect(refusal('MAX_NAMES', '0')).toMatch(/a whole number from 1 to \d+, or unlimited$/);
    expect(refusal('HELD_MAX_BYTES', '0')).toMatch(/a size from 1 to .*, or unlimited$/);
    expect(refusal('HOLD_SECONDS', 'for ever')).toContain('a number of seconds from 0 to 10000000000');
    expect(refusal('HTTP_PORT', 'none')).toBe(
      'HTTP_PORT is "none", but must be a whole number from 0 to 65535, or off',
    );
    expect(refusal('NOTICES', 'yes')).toBe('NOTICES is "yes", but must be one of on, off');
    expect(refusal('LOG_LEVEL', 'loud')).toContain('trace, debug, info, warn, error, fatal, silent');
  });

  it('is not shown if it is a secret', () => {
    for (const token of ['7 chars', 'with a space', 'x'.repeat(513)]) {
      const said = refusal('ADMIN_TOKEN', token);
      expect(said).toBe('ADMIN_TOKEN must be 8 to 512 visible ASCII characters');
    }
    expect(value('ADMIN_TOKEN', 'a-good-token')).toBe('a-good-token');
  });

  it('ends the program with the code for a bad setting', () => {
    expect(EXIT_BAD_SETTING).toBe(2);
    expect(() => readConfig({ PORT: 'x' })).toThrow(StartError);
  });
});

describe('the help', () => {
  it('lists every setting once, with its default and what it means', () => {
    const lines = settingsHelp().split('\n');
    const expected = Object.entries(SETTINGS).map(([name, { fallback, help }]) => [name, fallback, help]);
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual(expected);
  });

  it('stands in columns', () => {
    const columns = settingsHelp()
      .split('\n')
      .map((line) => line.search(/(?<=^ {2}\S+ {2,})\S/));
    expect(new Set(columns).size).toBe(1);
  });
});
