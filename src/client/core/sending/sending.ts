/** A message that is sent, as it is asked for, as a line, and as it was accepted. */
import { RefusedError, UsageError } from '../../errors.ts';
import type { WaitOptions } from '../../waits/pending.ts';
import { isObject, type Words } from '../words.ts';
import type { Receipt } from './receipts.ts';

/** How to send. */
export interface SendOptions extends WaitOptions {
  /** Up to 128 bytes. Without one, the client makes one. */
  readonly id?: string | undefined;
  /** On disk and synced before it is accepted. */
  readonly durable?: boolean | undefined;
  /** The seconds after which it need not be delivered any more. */
  readonly ttl?: number | undefined;
  /** Whether `acked` will be asked. The default is what `durable` is. */
  readonly receipt?: boolean | undefined;
  /** The id of what this answers. */
  readonly re?: string | undefined;
}

/** `taken`: in memory, for a session that is here. `held`: in the mailbox, on disk and synced. */
export type Taken = 'taken' | 'held';

/** A message that was accepted. */
export interface Sent {
  readonly id: string;
  /** What became of it, for each name. */
  readonly to: Readonly<Record<string, Taken>>;
  /** What became of it; undefined if there are several names. */
  readonly state: Taken | undefined;
  /** It had been taken before, under the same id. */
  readonly duplicate: boolean;
  /**
   * Resolves when every recipient has acknowledged it.
   * @throws ReceiptError if one of them has rejected it, or it has expired, or was purged
   * @throws TimeoutError after `timeout` milliseconds; the receipt can be asked for again
   * @throws UsageError if the receipt was not asked for when it was sent
   */
  acked(options?: WaitOptions): Promise<void>;
}

/** @throws UsageError if the body is nothing that JSON has, or nobody is named */
export function lineOf(id: string, names: readonly string[], body: unknown, options: SendOptions): string {
  if (names.length === 0) throw new UsageError('a message needs a name');
  const { durable, ttl, receipt, re } = options;
  const words = {
    type: 'send',
    id,
    to: names,
    body,
    durable: durable || undefined,
    ttl,
    receipt: receipt || undefined,
  };
  try {
    if (['undefined', 'function', 'symbol'].includes(typeof body)) throw new TypeError(`${typeof body} is no JSON`);
    return JSON.stringify({ ...words, re });
  } catch (cause) {
    throw new UsageError('the body cannot be said as JSON', { cause });
  }
}

/**
 * Reads `accepted`.
 * @throws RefusedError if the message was not taken for all of the names
 */
export function sentOf(id: string, names: readonly string[], words: Words, receipt: Receipt | undefined): Sent {
  const said = isObject(words.to) ? words.to : {};
  const to: Record<string, Taken> = {};
  const refused: string[] = [];
  for (const name of names) {
    const state = said[name];
    if (state === 'taken' || state === 'held') to[name] = state;
    else refused.push(name);
  }
  const [first] = refused;
  if (first !== undefined) {
    const code = String(said[first] ?? 'unknown');
    const states = Object.fromEntries(Object.entries(said).map(([name, state]) => [name, String(state)]));
    throw new RefusedError(code, `message ${id} was not taken for ${refused.join(', ')}: ${code}`, id, states);
  }
  const [only] = names.length === 1 ? Object.values(to) : [];
  return {
    id,
    to,
    state: only,
    duplicate: words.duplicate === true,
    acked: async (options = {}) => {
      if (receipt === undefined) throw new UsageError('no receipt was asked for: "receipt: true"');
      await receipt.acked(options);
    },
  };
}
