/**
 * One connection after another: dials, says hello, hears welcome, pings, and comes back after a failure. What the
 * broker says between is for the host.
 */
import { ByeError, ConnectionError, RestanteError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import type { Connection, ConnectionSink, Dial } from '../../transport/transport.ts';
import { type Clock, UNLIMITED } from '../../waits/clock.ts';
import type { Status } from '../statuses.ts';
import type { Wire } from '../wire.ts';
import { limitIn, numberIn, readWords, textIn, textOrNone, type Words } from '../words.ts';
import { BackOff } from './back-off.ts';
import { Liveness } from './liveness.ts';

/** How long the other end may take to close a connection that was ended in order. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Who uses the connections. */
export interface LinkHost {
  welcomed(welcome: Words): void;
  /** The broker has said something that is not about the connection itself, or a pong. */
  heard(words: Words): void;
  /** All lines of one read have been heard. */
  heardAll(): void;
  lost(reason: RestanteError): void;
  /** No other connection will be made. */
  ended(error: RestanteError | undefined): void;
  status(status: Status): void;
  /** Lines are about to be written: the last ones can be said. */
  flushing(): void;
}

/** The connections of one client. */
export class Link implements Wire {
  /** Resolves when the client has ended, and its last connection is closed. */
  readonly closed: Promise<void>;
  maxLineBytes = UNLIMITED;
  /** Pings that the broker has not answered. */
  unansweredPings = 0;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #dial: Dial;
  readonly #host: LinkHost;
  readonly #backOff: BackOff;
  readonly #liveness: Liveness;
  #state: 'paused' | 'opening' | 'waiting' | 'up' | 'ended' = 'paused';
  #sink: ConnectionSink | undefined;
  #connection: Connection | undefined;
  #lines: string[] = [];
  #flushes = false;
  #cancelTimer: () => void = () => undefined;
  #resolveClosed: () => void = () => undefined;

  constructor(settings: Settings, clock: Clock, dial: Dial, host: LinkHost) {
    this.#settings = settings;
    this.#clock = clock;
    this.#dial = dial;
    this.#host = host;
    this.#backOff = new BackOff(settings.reconnect, () => clock.random());
    this.#liveness = new Liveness(clock, {
      ping: () => this.ping(),
      silent: (ms) => this.break(new ConnectionError('SILENT', `the broker is silent for ${ms * 3} ms`)),
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  /** Makes a connection. */
  start(): void {
    this.#state = 'opening';
    this.#host.status({ state: 'connecting' });
    const sink: ConnectionSink = {
      opened: () => this.#isCurrent(sink) && this.#hello(),
      lines: (lines) => this.#read(sink, lines),
      closed: (cause) => this.#closed(sink, cause),
    };
    this.#sink = sink;
    const { openMs } = this.#settings.timeouts;
    this.#cancelTimer = this.#clock.startTimer(openMs, () => {
      this.break(new ConnectionError('OPEN_TIMEOUT', `no answer within ${openMs} ms`));
    });
    try {
      this.#connection = this.#dial(sink);
    } catch (cause) {
      this.break(cause instanceof RestanteError ? cause : lost(cause));
    }
  }

  /** See Wire. */
  say(line: string): void {
    if (this.up) this.#put(line);
  }

  /** Asks for a pong. */
  ping(): void {
    this.unansweredPings++;
    this.#put('{"type":"ping"}');
  }

  #put(line: string): void {
    this.#lines.push(line);
    this.flushSoon();
  }

  /** See Wire. Everything that is said in one turn is one write. */
  flushSoon(): void {
    if (this.#flushes) return;
    this.#flushes = true;
    this.#clock.soon(() => {
      this.#flushes = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.up) this.#host.flushing();
    if (this.#lines.length === 0) return;
    const lines = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#connection?.write(lines);
  }

  #isCurrent(sink: ConnectionSink): boolean {
    return this.#sink === sink && this.#state !== 'ended';
  }

  #hello(): void {
    const { name, token, password, window } = this.#settings;
    // A nameless session receives nothing that it could acknowledge.
    const receives = name === undefined ? {} : { ack: true, window };
    this.#put(JSON.stringify({ type: 'hello', v: 1, name, token, password, ...receives }));
    this.#liveness.start();
  }

  #read(sink: ConnectionSink, lines: readonly string[]): void {
    for (const line of lines) {
      if (!this.#isCurrent(sink)) return;
      const words = readWords(line);
      if (words !== undefined) this.#hear(words);
      else this.break(new ConnectionError('PROTOCOL', 'a line is no JSON object'));
    }
    if (this.#isCurrent(sink)) this.#host.heardAll();
  }

  #hear(words: Words): void {
    this.#liveness.heard();
    // A broker that says welcome and ends is none to come back to at once.
    if (this.up && words.type !== 'bye' && words.type !== 'error') this.#backOff.succeeded();
    switch (words.type) {
      case 'welcome':
        this.#welcomed(words);
        return;
      case 'waiting':
        this.#mustWait();
        return;
      case 'ping':
        this.#put('{"type":"pong"}');
        return;
      case 'bye':
        this.break(byeOf(words));
        return;
      case 'pong':
        if (this.unansweredPings > 0) this.unansweredPings--;
        break;
      case 'error':
        if (this.up) break;
        // Before welcome there is nothing else that it could be about.
        this.break(byeOf(words));
        return;
      default:
    }
    if (this.up) this.#host.heard(words);
  }

  #mustWait(): void {
    if (this.#state !== 'opening') return;
    this.#cancelTimer();
    this.#state = 'waiting';
    this.#host.status({ state: 'waiting', name: this.#settings.name ?? '' });
  }

  #welcomed(words: Words): void {
    if (this.up) return;
    this.#cancelTimer();
    this.#state = 'up';
    this.#liveness.start(numberIn(words, 'ping'));
    this.maxLineBytes = limitIn(words, 'line');
    this.#host.welcomed(words);
    this.#host.status({
      state: 'connected',
      name: textIn(words, 'name'),
      mailbox: textOrNone(words, 'mailbox'),
      waiting: numberIn(words, 'waiting') ?? 0,
    });
    this.flushSoon();
  }

  #closed(sink: ConnectionSink, cause: unknown): void {
    if (this.#sink !== sink) return;
    if (this.#state === 'ended') this.#resolveClosed();
    else this.break(cause instanceof RestanteError ? cause : lost(cause));
  }

  /** See Wire. */
  break(reason: RestanteError): void {
    if (this.#state === 'ended') return;
    const wasUp = this.up;
    this.#leave('paused');
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#sink = undefined;
    if (wasUp) this.#host.lost(reason);
    const pauseMs = this.#backOff.failed(reason);
    if (pauseMs === undefined) {
      this.end(reason);
      return;
    }
    this.#host.status({ state: 'disconnected', reason, retryMs: pauseMs });
    // Who hears that may have ended the client.
    if (this.#isPaused()) this.#cancelTimer = this.#clock.startTimer(pauseMs, () => this.start());
  }

  #isPaused(): boolean {
    return this.#state === 'paused';
  }

  #leave(state: 'paused' | 'ended'): void {
    this.#cancelTimer();
    this.#liveness.stop();
    this.#state = state;
    this.#lines = [];
    this.unansweredPings = 0;
  }

  /** Ends for good. What has been said is written before. */
  end(error?: RestanteError): void {
    if (this.#state === 'ended') return;
    const wasOpen = this.#state !== 'opening';
    this.#flush();
    this.#leave('ended');
    const connection = this.#connection;
    if (connection === undefined) this.#resolveClosed();
    else {
      if (wasOpen) connection.end();
      else connection.destroy();
      const cancel = this.#clock.startTimer(CLOSE_TIMEOUT_MS, () => {
        connection.destroy();
        this.#resolveClosed();
      });
      void this.closed.then(cancel);
    }
    this.#host.ended(error);
    this.#host.status({ state: 'closed', reason: error });
  }
}

function byeOf(words: Words): ByeError {
  return new ByeError(textIn(words, 'code'), textIn(words, 'message'), numberIn(words, 'retry'));
}

function lost(cause: unknown): ConnectionError {
  return new ConnectionError('CONNECTION_LOST', `the connection is lost: ${cause ?? 'it has ended'}`, { cause });
}
