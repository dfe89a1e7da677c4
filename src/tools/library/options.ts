/** What a client can be told, each limit with its unit and its default. */

import type { Status } from './core/statuses.ts';
import { UsageError } from './errors.ts';
import { UNLIMITED } from './waits/clock.ts';

/** How long things may take, in milliseconds. `Infinity` is no limit. */
export interface Timeouts {
  /** From `connect` to the first welcome. It includes the wait for a name that is taken. */
  readonly connectMs: number;
  /** One attempt: from the start of a connection to the first answer of the broker. */
  readonly openMs: number;
  /** From `send` to `accepted`. */
  readonly sendMs: number;
  /** From `acked` to the receipt. */
  readonly receiptMs: number;
  /** From `request` to the reply. */
  readonly requestMs: number;
  /** From `who` to its answer. */
  readonly whoMs: number;
  /** From `drain` to the end. */
  readonly drainMs: number;
}

/** How much the client holds at most. At a limit, the call that would pass it rejects with a LimitError. */
export interface Limits {
  /** Messages that were sent and not accepted yet. */
  readonly unacceptedMessages: number;
  /** The bytes of their lines. */
  readonly unacceptedBytes: number;
  /** Messages whose receipts have not all come. Past it, the oldest is forgotten: its `acked` rejects. */
  readonly awaitedReceipts: number;
  /** Requests without a reply. */
  readonly requests: number;
  /** Questions of `who` without an answer. */
  readonly questions: number;
  /** Names that are watched. The broker allows 1,000 a session. */
  readonly watchedNames: number;
  /** A line of the broker, over TCP and TLS. A longer one breaks the connection. */
  readonly lineBytes: number;
  /**
   * A message that was first written longer ago than this is not sent again after a broken connection, but rejects with
   * a ConnectionError. It must be less than DEDUPE_SECONDS of the broker, which is 120.
   */
  readonly resendWithinMs: number;
}

/** When to connect again. */
export interface Reconnect {
  /** The longest pause after the first failure. The pause is random, from 0 to this. */
  readonly firstPauseMs: number;
  /** The longest pause doubles with each failure, up to this. */
  readonly maxPauseMs: number;
  /**
   * Failures in a row, after which the client ends with the error of the last one. A connection on which something was
   * said sets it back.
   */
  readonly attempts: number;
}

/** What a TLS connection needs. Browsers have settings of their own. */
export interface TlsOptions {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A notice or an error of the broker that belongs to no call. */
export interface Notice {
  readonly code: string;
  readonly text: string;
  readonly name: string | undefined;
  readonly count: number | undefined;
}

/** What became of a message for one of its names, after it was taken. */
export interface ReceiptNotice {
  readonly id: string;
  readonly name: string;
  /** `acked`, or what else the broker says. */
  readonly state: string;
}

/** The options of `connect`. */
export interface ConnectOptions {
  /** The name to receive under. Without one, the client can send, and receives receipts alone. */
  readonly name?: string | undefined;
  readonly token?: string | undefined;
  /** Messages that are not acknowledged at most, 1 to 10,000. The broker sends no more. */
  readonly window?: number;
  /** false: a message is acknowledged when it is handed to the application. */
  readonly ack?: boolean;
  /** Ends `connect`, and later the client. */
  readonly signal?: AbortSignal | undefined;
  /** false: the client ends with its connection. */
  readonly reconnect?: Partial<Reconnect> | false;
  readonly timeouts?: Partial<Timeouts>;
  readonly limits?: Partial<Limits>;
  readonly tls?: TlsOptions;
  /** Is told what belongs to no call. */
  readonly onNotice?: (notice: Notice) => void;
  /** Is told each receipt, also of messages that an earlier client of the name has sent. */
  readonly onReceipt?: (receipt: ReceiptNotice) => void;
  /** Is told how the connection stands, also before `connect` resolves. */
  readonly onStatus?: (status: Status) => void;
}

/** The options with every default in its place. */
export interface Settings extends Pick<ConnectOptions, 'name' | 'token' | 'onNotice' | 'onReceipt' | 'onStatus'> {
  readonly window: number;
  readonly ack: boolean;
  readonly reconnect: Reconnect;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
}

const MAX_WINDOW = 10_000;

const TIMEOUTS: Timeouts = {
  connectMs: 30_000,
  openMs: 10_000,
  sendMs: 30_000,
  receiptMs: 30_000,
  requestMs: 30_000,
  whoMs: 30_000,
  drainMs: 30_000,
};

const LIMITS: Limits = {
  unacceptedMessages: 1_024,
  unacceptedBytes: 4 * 1024 * 1024,
  awaitedReceipts: 10_000,
  requests: 1_024,
  questions: 1_024,
  watchedNames: 1_000,
  lineBytes: 1024 * 1024,
  resendWithinMs: 110_000,
};

const RECONNECT: Reconnect = { firstPauseMs: 100, maxPauseMs: 10_000, attempts: UNLIMITED };

/**
 * Puts every default in its place.
 * @throws UsageError if a number cannot be one of its kind
 */
export function settingsOf(options: ConnectOptions): Settings {
  const { reconnect, window = 256 } = options;
  if (!Number.isInteger(window) || window < 1 || window > MAX_WINDOW) {
    throw new UsageError(`window is 1 to ${MAX_WINDOW}`);
  }
  return {
    ...options,
    window,
    ack: options.ack ?? true,
    reconnect: reconnect === false ? { ...RECONNECT, attempts: 0 } : filled(RECONNECT, reconnect),
    timeouts: filled(TIMEOUTS, options.timeouts),
    limits: filled(LIMITS, options.limits),
  };
}

function filled<T extends { readonly [K in keyof T]: number }>(
  defaults: T,
  given: { readonly [K in keyof T]?: number | undefined } = {},
): T {
  const result = { ...defaults };
  for (const key in defaults) {
    const value: number = given[key] ?? defaults[key];
    if (!(value >= 0)) throw new UsageError(`${key} is less than 0`);
    result[key] = value as T[typeof key];
  }
  return result;
}
