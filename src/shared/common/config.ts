/**
 * The settings: one table of all, and what is read of it from the environment. With a file, `config/sources.ts` reads
 * both. What is read is one frozen object.
 */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { RATE_SETTINGS } from './config/rate-settings.ts';
import { AT_ONCE, NEW_SESSIONS, SECRET, type Setting, setting, TEXT } from './config/setting.ts';
import {
  file,
  keysAddress,
  liftable,
  oneOf,
  origins,
  patterns,
  seconds,
  size,
  text,
  token,
  whole,
} from './config/values.ts';
import { EXIT_BAD_SETTING, StartError } from './errors.ts';
import { withoutUser } from './text.ts';

const MAX_SHARDS = 64;
/** The largest line and window. A batch must have room for either, and offsets in a batch have 31 bits. */
const MAX_LARGE_BYTES = 64 * 1024 ** 2;
/** The longest time for a timer: those of Node end at 2^31 - 1 ms. Other times may be longer. */
const MAX_TIMER_SECONDS = 2_000_000;

/** The levels of the log, and none. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const cores = availableParallelism();

/** Every setting, with its default as an operator would write it, and its help text. */
export const SETTINGS = {
  HOST: setting(z.string().min(1, 'an address or a host name'), '127.0.0.1', 'address to listen on', TEXT),
  PORT: setting(whole(0, 65535), '8080', 'port to listen on; 0 lets the system choose'),
  HTTP_HOST: setting(
    z.string().min(1, 'an address or a host name'),
    '127.0.0.1',
    'address that HTTP is served on',
    TEXT,
  ),
  HTTP_PORT: setting(
    z.union([z.literal('off'), whole(0, 65535)]),
    '8081',
    'port for HTTP: the page, health, metrics and messages; 0 lets the system choose; off: no HTTP',
  ),
  HTTP_ORIGINS: setting(
    origins(),
    'none',
    'origins whose pages may use HTTP, and whose host names may stand in requests, beside those of this machine',
    { takes: 'at once', form: 'list' },
  ),
  ADMIN_TOKEN: setting(
    token(),
    'none',
    'what a request for the admin API must have; none: it is only for connections from this machine',
    SECRET,
  ),
  ADMIN_TOKEN_FILE: setting(
    z.string().min(1, 'a file'),
    'none',
    'a file with that token, instead; white space around it is ignored',
    TEXT,
  ),
  TLS_CERT: setting(
    file(),
    'none',
    'file of the certificate for TLS, with those between it and its root; none: no TLS',
    TEXT,
  ),
  TLS_KEY: setting(file(), 'none', 'file of the key of TLS_CERT', TEXT),
  TLS_HOST: setting(z.string().min(1, 'an address or a host name'), '127.0.0.1', 'address to listen on with TLS', TEXT),
  TLS_PORT: setting(
    z.union([z.literal('off'), whole(0, 65535)]),
    '8443',
    'port for TLS, beside PORT, if there is a TLS_CERT; 0 lets the system choose; off: TLS for HTTP alone',
  ),
  TLS_CLIENT_CA: setting(
    file(),
    'none',
    'file of the authorities of client certificates: with it, nobody comes in by TLS without one',
    TEXT,
  ),
  SHARDS: setting(
    whole(1, MAX_SHARDS),
    String(Math.min(MAX_SHARDS, Math.max(1, cores - 1))),
    'broker shards, a worker thread each (default: cores - 1, at least 1)',
    { computed: 'cores - 1, at least 1' },
  ),
  DATA_DIR: setting(z.string().min(1, 'a folder'), './data', 'folder of the store that held mail lies in', TEXT),
  HOLD_SECONDS: setting(
    seconds(0, 10 ** 10),
    '604800',
    'how long a name that is away is remembered and its mail held; 0 holds nothing',
  ),
  HOLD_UNKNOWN: setting(oneOf(['on', 'off']), 'off', 'whether mail is held for names that were never here, too'),
  AUTH: setting(
    oneOf(['off', 'names', 'required']),
    'off',
    'off: any peer has any free name; names: that of an account needs a proof; required: every name does',
  ),
  AUTH_DEFAULT_SEND: setting(
    patterns(),
    '*',
    'with AUTH=names, whom peers may write to that have proved nothing: names, team-*, *, or none',
    TEXT,
  ),
  AUTH_JWT_SECRET: setting(
    text(),
    'none',
    'the secret that JSON Web Tokens are signed with, of 32 bytes or more',
    SECRET,
  ),
  AUTH_JWT_SECRET_FILE: setting(text(), 'none', 'or the file that has the secret', TEXT),
  AUTH_JWT_JWKS: setting(keysAddress(), 'none', 'or the address of the public keys (JWKS)', TEXT),
  AUTH_JWT_ISSUER: setting(text(), 'none', 'who must have issued such a token (iss); none: anybody', TEXT),
  AUTH_JWT_AUDIENCE: setting(text(), 'none', 'whom it must be for (aud); none: anybody', TEXT),
  NOTICES: setting(oneOf(['on', 'off']), 'on', 'whether the broker says lines of its own (they begin with "* ")'),
  STRICT: setting(
    oneOf(['on', 'off']),
    'on',
    'whether names and messages that could deceive who reads them are refused or shown as harmless',
  ),
  MAILBOX_MAX_MESSAGES: setting(
    liftable(whole(1, 10 ** 12)),
    '10000',
    'messages that wait for one name, or unlimited',
    AT_ONCE,
  ),
  MAILBOX_MAX_BYTES: setting(
    liftable(size(1, 2 ** 50)),
    '16MiB',
    'bytes that wait for one name, or unlimited',
    AT_ONCE,
  ),
  HELD_MAX_BYTES: setting(
    liftable(size(1, 2 ** 50)),
    '1GiB',
    'bytes that wait for all names together, or unlimited',
    AT_ONCE,
  ),
  FAIR_RESERVE_PERCENT: setting(
    whole(0, 90),
    '10',
    'the last part of each of these three limits, for senders with nothing in it yet: one message each; 0 lifts it',
    AT_ONCE,
  ),
  MAX_NAMES: setting(
    liftable(whole(1, 10 ** 12)),
    '1000000',
    'names that are away and remembered, or unlimited',
    AT_ONCE,
  ),
  MAX_LINE_BYTES: setting(size(1, MAX_LARGE_BYTES), '65536', 'longest line, without its end'),
  MAX_DESTINATIONS: setting(whole(1, 1_000_000), '1000', 'names that one line may go to', NEW_SESSIONS),
  MAX_NAME_BYTES: setting(size(1, 65535), '256', 'longest name'),
  MAX_CONNECTIONS: setting(liftable(whole(1, 10 ** 9)), '10000', 'connections at a time, or unlimited', AT_ONCE),
  ...RATE_SETTINGS,
  NAME_TIMEOUT_SECONDS: setting(
    seconds(0.001, MAX_TIMER_SECONDS),
    '10',
    'how long a client may take to say its name',
    NEW_SESSIONS,
  ),
  PEER_SILENT_SECONDS: setting(
    seconds(1, MAX_TIMER_SECONDS),
    '60',
    'how long a peer may acknowledge nothing, at the level of TCP, while mail is under way to it',
    AT_ONCE,
  ),
  PING_SECONDS: setting(
    seconds(1, MAX_TIMER_SECONDS),
    '25',
    'a program that says nothing for so long is pinged, and after three times as long its session ends',
    NEW_SESSIONS,
  ),
  DEDUPE_SECONDS: setting(
    seconds(0, 10 ** 6),
    '120',
    'how long a message of a program with the same id, sender and name as an earlier one is a repeat; 0: none is',
    AT_ONCE,
  ),
  DEDUPE_MAX: setting(whole(1, 10 ** 9), '100000', 'ids of messages that are remembered for that', AT_ONCE),
  WRITE_WINDOW_BYTES: setting(
    size(1, MAX_LARGE_BYTES),
    '262144',
    'bytes on their way to one peer; the rest waits in its mailbox',
  ),
  DRAIN_SECONDS: setting(seconds(0, MAX_TIMER_SECONDS), '8', 'how long a shutdown may take', AT_ONCE),
  LOG_LEVEL: setting(oneOf(LOG_LEVELS), 'info', `one of ${LOG_LEVELS.join(', ')}`, AT_ONCE),
} as const;

export type SettingName = keyof typeof SETTINGS;
/** The settings with their types: sizes in bytes, times in seconds, `Infinity` for `unlimited`. */
export type Config = Readonly<{ [N in SettingName]: z.output<(typeof SETTINGS)[N]['schema']> }>;

/**
 * Reads the settings. An empty variable counts as one that is not set.
 * @throws StartError that names the first variable that is wrong, and what it may be
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const given = env[name] === undefined || env[name] === '' ? setting.fallback : env[name];
    const read = readValue(setting, given);
    const shown = setting.secret ? undefined : withoutUser(JSON.stringify(given));
    if (!read.fits) throw new StartError(wrongValue(name, shown, read.mustBe), EXIT_BAD_SETTING);
    values[name] = read.value;
  }
  return Object.freeze(values) as Config;
}

/** The value of a text, or what the setting may be. */
export type ReadValue =
  | { readonly fits: true; readonly value: unknown }
  | { readonly fits: false; readonly mustBe: string };

/** Reads one value. */
export function readValue({ schema }: Pick<Setting, 'schema'>, text: string): ReadValue {
  const result = schema.safeParse(text);
  return result.success ? { fits: true, value: result.data } : { fits: false, mustBe: expected(result.error) };
}

/** What is said of a value that does not fit. @param given as it was written; undefined if it must not be shown */
export function wrongValue(name: string, given: string | undefined, mustBe: string): string {
  return given === undefined ? `${name} must be ${mustBe}` : `${name} is ${given}, but must be ${mustBe}`;
}

/** What a failed schema accepts. For a number that can be a word, such as `unlimited`, both forms. */
function expected(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code !== 'invalid_union') return issue?.message ?? 'something else';
  const branches = issue.errors.flat();
  const number = branches.find((inner) => inner.code !== 'invalid_value');
  const words = branches.flatMap((inner) => (inner.code === 'invalid_value' ? inner.values : []));
  return `${number?.message ?? 'a number'}, or ${words.join(', ')}`;
}

/** The settings as lines for `--help`. */
export function settingsHelp(): string {
  const rows = Object.entries(SETTINGS).map(([name, { fallback, help }]) => ({ name, fallback, help }));
  const nameWidth = Math.max(...rows.map((row) => row.name.length));
  const fallbackWidth = Math.max(...rows.map((row) => row.fallback.length));
  return rows
    .map((row) => `  ${row.name.padEnd(nameWidth)}  ${row.fallback.padEnd(fallbackWidth)}  ${row.help}`)
    .join('\n');
}

/**
 * The host at which a client on this machine reaches the broker.
 * @param host the setting, which may mean all addresses
 */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}
