/** Every setting says whether it can change while the broker runs, and that is true. */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig, SETTINGS, type SettingName } from '../../../../src/shared/common/config.ts';
import { until } from '../../../helpers/until.ts';
import { whileDown } from '../../transports/http/down.ts';
import { BROKER_PROBES } from './broker-probes.ts';
import { ChangingBroker } from './probe.ts';
import { RATE_PROBES } from './rate-probes.ts';
import { SHARD_PROBES } from './shard-probes.ts';

const PROBES: Readonly<Record<string, () => Promise<void>>> = { ...BROKER_PROBES, ...RATE_PROBES, ...SHARD_PROBES };
const names = Object.keys(SETTINGS) as SettingName[];
const changeable = names.filter((name) => SETTINGS[name].takes !== 'restart');
const fixed = names.filter((name) => SETTINGS[name].takes === 'restart');

/** Another value for each setting that needs a restart. */
const OTHER: Readonly<Record<string, string>> = {
  HOST: '127.0.0.2',
  PORT: '9',
  HTTP_HOST: '127.0.0.2',
  HTTP_PORT: 'off',
  ADMIN_TOKEN: 'a-good-token',
  ADMIN_TOKEN_FILE: '/nowhere',
  TLS_CERT: '/nowhere',
  TLS_KEY: '/nowhere',
  TLS_HOST: '127.0.0.2',
  TLS_PORT: 'off',
  TLS_CLIENT_CA: '/nowhere',
  AUTH: 'names',
  AUTH_DEFAULT_SEND: 'team-*',
  AUTH_JWT_SECRET: 'x'.repeat(32),
  AUTH_JWT_SECRET_FILE: '/nowhere',
  AUTH_JWT_JWKS: 'https://keys.example/',
  AUTH_JWT_ISSUER: 'somebody',
  AUTH_JWT_AUDIENCE: 'us',
  SHARDS: '3',
  DATA_DIR: '/nowhere',
  HOLD_SECONDS: '0',
  HOLD_UNKNOWN: 'on',
  NOTICES: 'off',
  STRICT: 'off',
  MAX_LINE_BYTES: '100',
  MAX_NAME_BYTES: '10',
  WRITE_WINDOW_BYTES: '10000',
};

describe('a setting that can change while the broker runs', () => {
  it('is one of those that are tried here', () => {
    expect(Object.keys(PROBES).sort()).toEqual([...changeable].sort());
  });

  it.each(changeable)('does change: %s', async (name) => {
    await PROBES[name]?.();
  });
});

it('a new limit counts in the next life of a crashed shard, too', async () => {
  await using broker = await ChangingBroker.start({ HOLD_UNKNOWN: 'on', MAILBOX_MAX_MESSAGES: 2, HELD_MAX_BYTES: 1 });
  await broker.change({ MAILBOX_MAX_MESSAGES: 3, HELD_MAX_BYTES: 1_000_000 });
  await whileDown(broker.test, async () => true);
  await until(() => broker.test.broker.view.ready(), 'the shard to be there again');
  const alice = await broker.test.peer('alice');
  alice.send('bob: x\n'.repeat(5));
  await broker.test.quiet();
  expect(await broker.test.held()).toBe(3);
});

it('a new limit is the one that the operator is shown', async () => {
  await using broker = await ChangingBroker.start({ MAX_CONNECTIONS: 20 });
  const { admin } = broker.test.broker.view;
  const mostOf = async () => (await admin.info()).limits.find(({ limit }) => limit === 'MAX_CONNECTIONS')?.most;
  expect(await mostOf()).toBe(20);
  await broker.change({ MAX_CONNECTIONS: 30 });
  expect(await mostOf()).toBe(30);
});

describe('every other setting', () => {
  it('is said to need a restart, and stays as it is', async () => {
    expect(Object.keys(OTHER).sort()).toEqual([...fixed].sort());
    await using broker = await ChangingBroker.start({});
    const before = broker.test.broker.settings.current;
    const next: Partial<Config> = Object.fromEntries(fixed.map((name) => [name, readConfig(OTHER)[name]]));
    expect(await broker.change(next)).toEqual({ changed: [], needsRestart: fixed });
    expect(broker.test.broker.settings.current).toEqual(before);
    const peer = await broker.test.peer('alice');
    peer.send('alice: still here\n');
    await peer.got('from alice: still here\n');
  });
});
