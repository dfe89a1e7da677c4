/** A message that is sent, as it is asked for, as a line, and as it was accepted. */
import { RefusedError, UsageError } from '../../errors.ts';
import type { WaitOptions } from '../../waits/pending.ts';
import { isObject, type Words } from '../words.ts';

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
  try {
    const json: string | undefined = JSON.stringify(body);
    if (json === undefined) throw new TypeError(`${typeof body} is no JSON`);
    const more = { durable: durable || undefined, ttl, receipt: receipt || undefined, re };
    return `${JSON.stringify({ type: 'send', id, to: names, ...more }).slice(0, -1)},"body":${json}}`;
  } catch (cause) {
    throw new UsageError('the body is no JSON', { cause });
  }
}

/**
 * Reads `accepted`.
 * @param acked undefined: no receipt was asked for
 * @throws RefusedError if the message was not taken for all of the names
 */
export function sentOf(id: string, names: readonly string[], words: Words, acked: Sent['acked'] | undefined): Sent {
  const to = (isObject(words.to) ? words.to : {}) as Readonly<Record<string, Taken>>;
  const refused = names.filter((name) => to[name] !== 'taken' && to[name] !== 'held');
  const [first] = refused;
  if (first !== undefined) {
    const code = String(to[first] ?? 'unknown');
    throw new RefusedError(code, `message ${id} was not taken for ${refused.join(', ')}: ${code}`, id, to);
  }
  return {
    id,
    to,
    state: names.length === 1 ? to[String(names)] : undefined,
    duplicate: words.duplicate === true,
    acked: async (options) => {
      if (acked === undefined) throw new UsageError('no receipt was asked for: "receipt: true"');
      await acked(options);
    },
  };
}
