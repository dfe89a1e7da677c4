/** The settings. They are environment variables, read once into one frozen object. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { EXIT_BAD_SETTING, StartError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const MAX_SHARDS = 64;
/** The largest line and window. A batch must have room for either, and offsets in a batch have 31 bits. */
const MAX_LARGE_BYTES = 64 * 1024 ** 2;
/** The longest time for a timer: those of Node end at 2^31 - 1 ms. Other times may be longer. */
const MAX_TIMER_SECONDS = 2_000_000;
/** A token that a header can have, and that nobody guesses soon. */
export const TOKEN = /^[\x21-\x7e]{8,512}$/;
const TOKEN_SAYS = '8 to 512 visible ASCII characters';

function whole(min: number, max: number) {
  const says = `a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, says)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

function size(min: number, max: number) {
  const says = `a size from ${min} to ${max} bytes, such as 4096, 64KiB, 16MiB or 1GiB`;
  return z
    .string()
    .regex(/^\d{1,15}(KiB|MiB|GiB)?$/, says)
    .transform((text) => Number.parseInt(text, 10) * (UNITS[text.replace(/^\d+/, '')] as number))
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

/** A limit that can be switched off by the word `unlimited`; 0 never does that. */
function liftable<T extends z.ZodType<number, string>>(limit: T) {
  return z.union([z.literal('unlimited').transform(() => Number.POSITIVE_INFINITY), limit]);
}

/** A list of origins as browsers say them, such as `https://chat.example`; `none` is an empty one. */
function origins() {
  const says = 'origins such as https://chat.example or http://host:8081, with commas between them, or none';
  return z
    .string()
    .transform((text): readonly string[] => (text === 'none' ? [] : text.split(',').map((each) => each.trim())))
    .refine((list) => list.every(isOrigin), { message: says, abort: true });
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** A token as it is put into a header; `none` is none. */
function token() {
  return z.union([z.literal('none').transform(() => undefined), z.string().regex(TOKEN, TOKEN_SAYS)]);
}

function seconds(min: number, max: number) {
  const says = `a number of seconds from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}(\.\d{1,3})?$/, says)
    .transform(Number)
    .refine((value) => value >= min && value <= max, { message: says, abort: true });
}

function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, `one of ${words.join(', ')}`);
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const cores = availableParallelism();

interface Setting<T extends z.ZodType<unknown, string>> {
  readonly schema: T;
  readonly fallback: string;
  readonly help: string;
  /** Whether no message may show its value. */
  readonly secret?: true;
}

function secret<T extends z.ZodType<unknown, string>>(schema: T, fallback: string, help: string): Setting<T> {
  return { schema, fallback, help, secret: true };
}

function setting<T extends z.ZodType<unknown, string>>(schema: T, fallback: string, help: string): Setting<T> {
  return { schema, fallback, help };
}

/** Every setting, with its default as an operator would write it, and its help text. */
export const SETTINGS = {
  HOST: setting(z.string().min(1, 'an address or a host name'), '127.0.0.1', 'address to listen on'),
  PORT: setting(whole(0, 65535), '8080', 'port to listen on; 0 lets the system choose'),
  HTTP_HOST: setting(z.string().min(1, 'an address or a host name'), '127.0.0.1', 'address that HTTP is served on'),
  HTTP_PORT: setting(
    z.union([z.literal('off'), whole(0, 65535)]),
    '8081',
    'port for HTTP: the page, health, metrics and messages; 0 lets the system choose; off: no HTTP',
  ),
  HTTP_ORIGINS: setting(
    origins(),
    'none',
    'origins whose pages may use HTTP, and whose host names may stand in requests, beside those of this machine',
  ),
  ADMIN_TOKEN: secret(
    token(),
    'none',
    'what a request for the admin API must have; none: it is only for connections from this machine',
  ),
  ADMIN_TOKEN_FILE: setting(
    z.string().min(1, 'a file'),
    'none',
    'a file with that token, instead; white space around it is ignored',
  ),
  SHARDS: setting(
    whole(1, MAX_SHARDS),
    String(Math.min(MAX_SHARDS, Math.max(1, cores - 1))),
    'broker shards, a worker thread each (default: cores - 1, at least 1)',
  ),
  DATA_DIR: setting(z.string().min(1, 'a folder'), './data', 'folder of the store that held mail lies in'),
  HOLD_SECONDS: setting(
    seconds(0, 10 ** 10),
    '604800',
    'how long a name that is away is remembered and its mail held; 0 holds nothing',
  ),
  HOLD_UNKNOWN: setting(oneOf(['on', 'off']), 'off', 'whether mail is held for names that were never here, too'),
  NOTICES: setting(oneOf(['on', 'off']), 'on', 'whether the broker says lines of its own (they begin with "* ")'),
  STRICT: setting(
    oneOf(['on', 'off']),
    'on',
    'whether names and messages that could deceive who reads them are refused or shown as harmless',
  ),
  MAILBOX_MAX_MESSAGES: setting(liftable(whole(1, 10 ** 12)), '10000', 'messages that wait for one name, or unlimited'),
  MAILBOX_MAX_BYTES: setting(liftable(size(1, 2 ** 50)), '16MiB', 'bytes that wait for one name, or unlimited'),
  HELD_MAX_BYTES: setting(liftable(size(1, 2 ** 50)), '1GiB', 'bytes that wait for all names together, or unlimited'),
  FAIR_RESERVE_PERCENT: setting(
    whole(0, 90),
    '10',
    'the last part of each of these three limits, for senders with nothing in it yet: one message each; 0 lifts it',
  ),
  MAX_NAMES: setting(liftable(whole(1, 10 ** 12)), '1000000', 'names that are away and remembered, or unlimited'),
  MAX_LINE_BYTES: setting(size(1, MAX_LARGE_BYTES), '65536', 'longest line, without its end'),
  MAX_DESTINATIONS: setting(whole(1, 1_000_000), '1000', 'names that one line may go to'),
  MAX_NAME_BYTES: setting(size(1, 65535), '256', 'longest name'),
  MAX_CONNECTIONS: setting(liftable(whole(1, 10 ** 9)), '10000', 'connections at a time, or unlimited'),
  NAME_TIMEOUT_SECONDS: setting(seconds(0.001, MAX_TIMER_SECONDS), '10', 'how long a client may take to say its name'),
  PEER_SILENT_SECONDS: setting(
    seconds(1, MAX_TIMER_SECONDS),
    '60',
    'how long a peer may acknowledge nothing, at the level of TCP, while mail is under way to it',
  ),
  PING_SECONDS: setting(
    seconds(1, MAX_TIMER_SECONDS),
    '25',
    'a program that says nothing for so long is pinged, and after three times as long its session ends',
  ),
  DEDUPE_SECONDS: setting(
    seconds(0, 10 ** 6),
    '120',
    'how long a message of a program with the same id, sender and name as an earlier one is a repeat; 0: none is',
  ),
  DEDUPE_MAX: setting(whole(1, 10 ** 9), '100000', 'ids of messages that are remembered for that'),
  WRITE_WINDOW_BYTES: setting(
    size(1, MAX_LARGE_BYTES),
    '262144',
    'bytes on their way to one peer; the rest waits in its mailbox',
  ),
  DRAIN_SECONDS: setting(seconds(0, MAX_TIMER_SECONDS), '8', 'how long a shutdown may take'),
  LOG_LEVEL: setting(oneOf(LOG_LEVELS), 'info', `one of ${LOG_LEVELS.join(', ')}`),
} as const;

type SettingName = keyof typeof SETTINGS;
/** The settings with their types: sizes in bytes, times in seconds, `Infinity` for `unlimited`. */
export type Config = Readonly<{ [N in SettingName]: z.output<(typeof SETTINGS)[N]['schema']> }>;

/**
 * Reads the settings. An empty variable counts as one that is not set.
 * @throws StartError that names the first variable that is wrong, and what it may be
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, { schema, fallback, secret }] of Object.entries<Setting<z.ZodType<unknown, string>>>(SETTINGS)) {
    const given = env[name] === undefined || env[name] === '' ? fallback : env[name];
    const result = schema.safeParse(given);
    if (!result.success) {
      const shown = secret === true ? 'not shown' : JSON.stringify(given);
      throw new StartError(`${name} is ${shown}, but must be ${expected(result.error)}`, EXIT_BAD_SETTING);
    }
    values[name] = result.data;
  }
  return Object.freeze(values) as Config;
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
