/**
 * The client without its connection: lines in, lines out. It puts the parts together, tells each line of the broker to
 * the part that it is about, and ends everything in order.
 */
import { ClosedError, type RestanteError, TimeoutError, UsageError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { Dial } from '../transport/transport.ts';
import type { Clock } from '../waits/clock.ts';
import { Pending, type WaitOptions } from '../waits/pending.ts';
import { Calls } from './calls.ts';
import { Ids } from './ids.ts';
import { Link, type LinkHost } from './link/link.ts';
import { Questions } from './questions.ts';
import { Inbox, type InboxHost } from './receiving/inbox.ts';
import { Outbox } from './sending/outbox.ts';
import { Receipts } from './sending/receipts.ts';
import type { SendOptions, Sent } from './sending/sending.ts';
import { type Status, Statuses } from './statuses.ts';
import { Watches } from './watches.ts';
import type { Part } from './wire.ts';
import { numberIn, textIn, textOrNone, type Words } from './words.ts';

/** What to wait for before the end. */
export interface DrainOptions extends WaitOptions {
  /** Also for the messages that the application has, and has not acknowledged. The default is true. */
  readonly work?: boolean | undefined;
}

interface Drain {
  readonly work: boolean;
  readonly pending: Pending<void>;
  pinged: boolean;
}

/** The core of one client. */
export class Core implements LinkHost, InboxHost {
  readonly statuses = new Statuses();
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly questions: Questions;
  readonly watches: Watches;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #link: Link;
  readonly #ids: Ids;
  readonly #receipts: Receipts;
  readonly #requests: Calls<unknown>;
  readonly #parts: readonly Part[];
  readonly #connected: Pending<void>;
  #drain: Drain | undefined;

  /** @param signal ends the attempt to connect, and later the client */
  constructor(settings: Settings, clock: Clock, dial: Dial, signal?: AbortSignal) {
    this.#settings = settings;
    this.#clock = clock;
    const ids = new Ids(() => clock.random());
    this.#ids = ids;
    const link = new Link(settings, clock, dial, this);
    this.#link = link;
    this.#receipts = new Receipts(settings, clock);
    this.#requests = new Calls(clock, 'requests', settings.limits.requests);
    this.outbox = new Outbox(settings, clock, link, this.#receipts, ids);
    this.inbox = new Inbox(settings, link, this);
    this.questions = new Questions(settings, clock, link, ids);
    this.watches = new Watches(settings, link);
    // Who watches and asks comes first on a new connection: answers to that do not wait for a long row of messages.
    this.#parts = [this.inbox, this.watches, this.questions, this.#receipts, this.#requests, this.outbox];
    const { connectMs } = settings.timeouts;
    this.#connected = new Pending(clock, {
      timeoutMs: connectMs,
      signal,
      late: () => `not connected within ${connectMs} ms: ${this.#howItStands()}`,
    });
    const aborted = () => this.#link.end(closedBy(signal?.reason));
    signal?.addEventListener('abort', aborted);
    void this.closed.then(() => signal?.removeEventListener('abort', aborted));
  }

  /** Resolves when the client has ended, and its connection is closed. */
  get closed(): Promise<void> {
    return this.#link.closed;
  }

  /**
   * Resolves at the first welcome.
   * @throws whatever ended the client before
   */
  async connect(): Promise<void> {
    if (!this.#connected.done) this.#link.start();
    try {
      await this.#connected.promise;
    } catch (error) {
      this.#link.end(closedBy(error));
      throw error;
    }
  }

  #howItStands(): string {
    const status = this.statuses.current;
    return 'reason' in status && status.reason !== undefined ? status.reason.message : status.state;
  }

  /** See Client.request. */
  async request(to: string, body: unknown, options: SendOptions): Promise<unknown> {
    if (this.#settings.name === undefined) throw new UsageError('without a name there are no replies');
    const { timeout = this.#settings.timeouts.requestMs, signal } = options;
    signal?.throwIfAborted();
    const id = this.#ids.nextRequest();
    const late = () => `no reply within ${timeout} ms`;
    const answer = this.#requests.begin(id, { timeoutMs: timeout, signal, late });
    // Nobody waits for the reply any more after that time, so nobody needs to work for it.
    const ttl = Number.isFinite(timeout) ? Math.max(1, Math.ceil(timeout / 1000)) : undefined;
    this.outbox.send(to, body, { ttl, ...options, id, timeout }).catch((error) => this.#requests.reject(id, error));
    return await answer;
  }

  /** See InboxHost. */
  takeReply(re: string, body: unknown): boolean {
    this.#requests.resolve(re, body);
    // One that comes too late is nobody's.
    return this.#ids.isRequest(re);
  }

  /** See InboxHost. */
  reply(to: string, body: unknown, options: SendOptions): Promise<Sent> {
    return this.outbox.send(to, body, options, true);
  }

  /** See InboxHost. */
  settled(): void {
    this.#stepDrain();
  }

  /** See LinkHost. */
  welcomed(welcome: Words): void {
    for (const part of this.#parts) part.welcomed?.(welcome);
    this.#connected.resolve();
  }

  /** See LinkHost. */
  lost(reason: RestanteError): void {
    for (const part of this.#parts) part.lost?.(reason);
    if (this.#drain !== undefined) this.#drain.pinged = false;
    this.#stepDrain();
  }

  /** See LinkHost. */
  ended(error: RestanteError | undefined): void {
    const reason = error ?? new ClosedError('CLOSED');
    for (const part of this.#parts) part.ended(reason);
    this.#connected.reject(reason);
    // Whoever waits for the end of a drain that has become another end is told by which.
    this.#drain?.pending.reject(reason);
  }

  /** See LinkHost. */
  status(status: Status): void {
    this.statuses.set(status);
    this.#settings.onStatus?.(status);
  }

  /** See LinkHost. */
  flushing(): void {
    this.inbox.flushing();
    this.#stepDrain();
  }

  /** See LinkHost. */
  heard(words: Words): void {
    switch (words.type) {
      case 'message':
        this.inbox.receive(words);
        break;
      case 'accepted':
        this.outbox.accepted(words);
        break;
      case 'receipt':
        this.#receipts.heard(words);
        break;
      case 'who':
        this.questions.answered(words);
        break;
      case 'presence':
        this.watches.heard(words);
        break;
      case 'error':
        if (!this.outbox.refused(words) && !this.questions.refused(words)) this.#notice(words, 'message');
        break;
      case 'notice':
        this.#notice(words, 'text');
        break;
      default:
      // A broker that is newer may say what this client does not know.
    }
  }

  /** See LinkHost. */
  heardAll(): void {
    this.#stepDrain();
  }

  #notice(words: Words, textKey: string): void {
    this.#settings.onNotice?.({
      code: textIn(words, 'code'),
      text: textIn(words, textKey),
      name: textOrNone(words, 'name'),
      count: numberIn(words, 'count'),
    });
  }

  /** See Client.drain. */
  async drain(options: DrainOptions): Promise<void> {
    if (this.statuses.current.state === 'closed') return await this.closed;
    const { timeout = this.#settings.timeouts.drainMs, signal, work = true } = options;
    if (this.#drain === undefined) {
      const left = () => `${this.outbox.size} messages not accepted, ${this.inbox.inHand} not acknowledged`;
      const late = () => `not drained within ${timeout} ms: ${left()}`;
      const pending = new Pending<void>(this.#clock, { timeoutMs: timeout, signal, late });
      this.#drain = { work, pending, pinged: false };
      this.outbox.drain();
      this.inbox.stop();
      this.#stepDrain();
    }
    try {
      await this.#drain.pending.promise;
    } finally {
      this.#link.end();
    }
    await this.closed;
  }

  /** Ends when nothing is left to wait for. The broker has read all that it was sent when it answers a ping. */
  #stepDrain(): void {
    const drain = this.#drain;
    if (drain === undefined || drain.pending.done) return;
    if (this.outbox.size > 0 || this.inbox.owes || (drain.work && this.inbox.inHand > 0)) drain.pinged = false;
    else if (!this.#link.up) drain.pending.resolve();
    else if (!drain.pinged) {
      drain.pinged = true;
      this.#link.ping();
    } else if (this.#link.unansweredPings === 0) drain.pending.resolve();
  }

  /** Ends at once. */
  close(): Promise<void> {
    this.#link.end();
    return this.closed;
  }
}

/** The end of a client that its user has given up. */
function closedBy(cause: unknown): ClosedError | TimeoutError {
  return cause instanceof TimeoutError ? cause : new ClosedError('CLOSED', { cause });
}
