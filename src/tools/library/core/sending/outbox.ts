/**
 * What was sent and is not accepted. What it MUST hold:
 * 1. Messages are written in the order of `send`, on each connection again.
 * 2. Each has one id, however often it is written. So the broker takes it once.
 * 3. It holds no more messages and bytes than its limits.
 * 4. A message that the broker may have forgotten to have taken is not written again.
 */
import {
  ClosedError,
  ConnectionError,
  LimitError,
  RefusedError,
  type RestanteError,
  UsageError,
} from '../../errors.ts';
import type { Settings } from '../../options.ts';
import type { Clock } from '../../waits/clock.ts';
import { Pending } from '../../waits/pending.ts';
import type { Ids } from '../ids.ts';
import type { Part, Wire } from '../wire.ts';
import { bytesOf, numberIn, refusalIn, textIn, type Words } from '../words.ts';
import type { Receipt, Receipts } from './receipts.ts';
import { lineOf, type SendOptions, type Sent, sentOf } from './sending.ts';

const MAYBE = ' may have been taken or not';
/** The broker takes no longer one. */
const MAX_ID_BYTES = 128;

interface Entry {
  readonly id: string;
  readonly names: readonly string[];
  readonly line: string;
  readonly bytes: number;
  readonly pending: Pending<Sent>;
  readonly receipt: Receipt | undefined;
  /** On this connection. */
  written: boolean;
  /** On any connection. */
  firstWrittenAt: number | undefined;
}

/** The messages of one client. */
export class Outbox implements Part {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #receipts: Receipts;
  readonly #ids: Ids;
  /** By id, in the order of `send`. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #closed: RestanteError | undefined;
  /** Ends the pause that an error with `retry` has asked for. */
  #cancelPause: (() => void) | undefined;

  constructor(settings: Settings, clock: Clock, wire: Wire, receipts: Receipts, ids: Ids) {
    this.#settings = settings;
    this.#clock = clock;
    this.#wire = wire;
    this.#receipts = receipts;
    this.#ids = ids;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Nothing new is taken, but for replies to messages that are being worked off. */
  drain(): void {
    this.#closed ??= new ClosedError('DRAINING');
  }

  /** See Client.send. @param asReply it is sent while the client is draining, too */
  async send(to: string | readonly string[], body: unknown, options: SendOptions, asReply = false): Promise<Sent> {
    if (this.#closed !== undefined && !(asReply && this.#closed.code === 'DRAINING')) throw this.#closed;
    options.signal?.throwIfAborted();
    const { id = this.#ids.next(), durable = false, receipt = durable } = options;
    // The broker says names in this form when it answers.
    const names = [...new Set([to].flat().map((name) => name.normalize()))];
    const line = lineOf(id, names, body, { ...options, receipt });
    const bytes = bytesOf(line);
    this.#check(id, bytes);
    const { sendMs } = this.#settings.timeouts;
    const { timeout = sendMs, signal } = options;
    const entry: Entry = {
      id,
      names,
      line,
      bytes,
      pending: new Pending<Sent>(this.#clock, {
        timeoutMs: timeout,
        signal,
        late: () => `not accepted within ${timeout} ms: message ${id}${whether(entry)}`,
        over: () => this.#remove(entry),
      }),
      receipt: receipt ? this.#receipts.expect(id, names) : undefined,
      written: false,
      firstWrittenAt: undefined,
    };
    this.#entries.set(id, entry);
    this.#bytes += bytes;
    if (this.#cancelPause === undefined) this.#write(entry);
    try {
      return await entry.pending.promise;
    } catch (error) {
      // Some of several names may have taken it, but there is nobody who could ask for their receipts.
      entry.receipt?.all.reject(error);
      throw error;
    }
  }

  #check(id: string, bytes: number): void {
    const { unacceptedMessages, unacceptedBytes } = this.#settings.limits;
    if (id === '' || bytesOf(id) > MAX_ID_BYTES) throw new UsageError(`an id has 1 to ${MAX_ID_BYTES} bytes`);
    if (this.#entries.has(id)) throw new UsageError(`message ${id} is being sent already`);
    if (this.#entries.size >= unacceptedMessages) throw new LimitError('unacceptedMessages', unacceptedMessages);
    if (this.#bytes + bytes > unacceptedBytes) throw new LimitError('unacceptedBytes', unacceptedBytes);
  }

  #remove(entry: Entry): void {
    if (this.#entries.delete(entry.id)) this.#bytes -= entry.bytes;
  }

  #write(entry: Entry): void {
    if (!this.#wire.up || entry.written) return;
    const { id, bytes, pending } = entry;
    // The broker could not tell whose line is too long: it does not read the id of such a line.
    const { maxLineBytes } = this.#wire;
    if (bytes > maxLineBytes) {
      pending.reject(new RefusedError('LINE_TOO_LONG', `message ${id} is longer than ${maxLineBytes} bytes`, id));
      return;
    }
    entry.written = true;
    entry.firstWrittenAt ??= this.#clock.now();
    this.#wire.say(entry.line);
  }

  #writeAll(): void {
    for (const entry of this.#entries.values()) this.#write(entry);
  }

  /** See Part. */
  welcomed(): void {
    const oldest = this.#clock.now() - this.#settings.limits.resendWithinMs;
    for (const entry of this.#entries.values()) {
      if ((entry.firstWrittenAt ?? oldest) < oldest) entry.pending.reject(unknownOutcome(entry.id));
    }
    this.#writeAll();
  }

  /** See Part. The broker knows a nameless sender by its connection alone, so it would not know these ids again. */
  lost(): void {
    this.#endPause();
    for (const entry of this.#entries.values()) {
      if (entry.written && this.#settings.name === undefined) entry.pending.reject(unknownOutcome(entry.id));
      entry.written = false;
    }
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.#endPause();
    this.#closed = error;
    for (const entry of this.#entries.values()) entry.pending.reject(error);
  }

  accepted(words: Words): void {
    const entry = this.#entries.get(textIn(words, 'id'));
    if (entry === undefined) return;
    try {
      const { id, names, receipt } = entry;
      entry.pending.resolve(sentOf(id, names, words, receipt && ((options) => this.#receipts.acked(receipt, options))));
    } catch (error) {
      entry.pending.reject(error);
    }
  }

  /** @returns whether the error is about a message that is sent */
  refused(words: Words): boolean {
    const entry = this.#entries.get(textIn(words, 'id'));
    if (entry === undefined) return false;
    const retry = numberIn(words, 'retry');
    if (retry === undefined) entry.pending.reject(refusalIn(words));
    else {
      // It keeps its place, and what has not been written waits behind it.
      entry.written = false;
      this.#endPause();
      this.#cancelPause = this.#clock.startTimer(retry * 1000, () => {
        this.#cancelPause = undefined;
        this.#writeAll();
      });
    }
    return true;
  }

  #endPause(): void {
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }
}

function unknownOutcome(id: string): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', `the connection is lost: message ${id}${MAYBE}`);
}

function whether(entry: Entry): string {
  return entry.firstWrittenAt === undefined ? ' was not sent' : MAYBE;
}
