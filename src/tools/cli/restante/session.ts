/** The connection of a command to its broker. */
import { ByeError, type Client, type ConnectOptions, connect } from '../../library/index.ts';
import type { Context } from './context.ts';

/** How long a command that asks one thing waits until it has its name. */
const CONNECT_MS = 10_000;
/** How long the end of a command waits for the broker to read what was acknowledged. */
const DRAIN_MS = 2_000;
/** After this, a user is told what is waited for. */
const PATIENCE_MS = 1_000;
/** The bytes of the messages that are under way: as many as the longest lines that a broker takes by default. */
const UNACCEPTED_BYTES = 32 * 1024 * 1024;

/** How to connect. */
export interface SessionOptions {
  readonly name?: string | undefined;
  readonly window?: number;
  /** Who stays waits for its name as long as it takes, and comes back when a connection is lost. */
  readonly stays: boolean;
}

/**
 * Connects to the broker of the options. A broker that is not there is an error at once, whoever would stay.
 * @throws ConnectionError if no broker answers, and what `connect` of the library throws
 */
export async function openSession(context: Context, { name, window = 256, stays }: SessionOptions): Promise<Client> {
  const options: ConnectOptions = {
    name,
    token: context.options.token,
    window,
    timeouts: { connectMs: stays ? Number.POSITIVE_INFINITY : CONNECT_MS, drainMs: DRAIN_MS },
    limits: { unacceptedBytes: UNACCEPTED_BYTES },
    onNotice: ({ code, text }) => context.note(text === '' ? code : text),
  };
  if (!stays) return await connected(context, { ...options, reconnect: false });
  await askWhetherThere(context);
  const patience = setTimeout(
    () => context.note(`${name ?? 'the broker'} is taken: waiting until it is free`),
    PATIENCE_MS,
  );
  try {
    return await connected(context, options);
  } finally {
    clearTimeout(patience);
  }
}

/** A broker that sends a nameless session away is there, too. */
async function askWhetherThere(context: Context): Promise<void> {
  try {
    const asked = await connected(context, { reconnect: false, timeouts: { connectMs: CONNECT_MS } });
    await asked.close();
  } catch (error) {
    if (!(error instanceof ByeError && error.code === 'AUTH_REQUIRED')) throw error;
  }
}

/** A stop ends the attempt, and not the client: it has to end in order. */
async function connected({ options: { url }, stop }: Context, options: ConnectOptions): Promise<Client> {
  stop.throwIfAborted();
  const attempt = new AbortController();
  const giveUp = () => attempt.abort(stop.reason);
  stop.addEventListener('abort', giveUp);
  try {
    return await connect(url, { ...options, signal: attempt.signal });
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}
