/**
 * The pump of a session: what its connection reads, line by line to where it is worked off. It stops reading while a
 * shard cannot follow, when its turn is over, and while its name is not its own; and it finds the end of the stream.
 * It knows no socket, clock or shard: all that is given to it.
 */
import { lineTooLong, nameTooLong, notUtf8, type SessionError, socketFailed } from '../../protocol/errors.ts';
import type { LineReader, LineResult } from '../../protocol/plain/line-reader.ts';
import { refusedBeginning, refusedFirstLine } from '../../protocol/strict/first-line.ts';
import { Outbox } from '../../router/outbox.ts';
import type { ByteSink, Transport } from '../../transport/transport.ts';
import { Gate } from './gate.ts';
import type { Requests } from './requests.ts';
import { TurnShare } from './turn-share.ts';
import type { Turns } from './turns.ts';

/** What a reader needs of its session. */
export interface ReaderHost {
  readonly config: { readonly MAX_LINE_BYTES: number; readonly MAX_NAME_BYTES: number };
  readonly strict: boolean;
  readonly turns: Turns;
  /** Takes the name that the line at hand says. @returns the gate at which lines wait, if they do */
  login(): Gate | undefined;
  /** Whether the session waits for its name, and nobody knows how long. */
  mustWait(): boolean;
  /** All that was read is routed, and the peer has ended its side, or broken off with `reset`: `end` is due. */
  leave(reset: boolean, end: () => void): void;
}

export class Reader implements ByteSink {
  readonly #transport: Pick<Transport, 'start' | 'pause' | 'resume'>;
  readonly #lines: LineReader;
  readonly #requests: Requests;
  readonly #host: ReaderHost;
  readonly #share: TurnShare;
  #begun = false;
  #named = false;
  #waitingFor: Outbox | Turns | Gate | undefined;
  #gate: Gate | undefined;
  /** The line that was read last is not routed yet, or not to all its names. */
  #lineInHand = false;
  #quiet = false;
  #streamEnded = false;
  #endOfStream: (() => void) | undefined;
  #ended = false;
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(
    transport: Pick<Transport, 'start' | 'pause' | 'resume'>,
    lines: LineReader,
    requests: Requests,
    host: ReaderHost,
  ) {
    this.#transport = transport;
    this.#lines = lines;
    this.#requests = requests;
    this.#host = host;
    this.#share = new TurnShare(host.turns);
  }

  /**
   * Reads. Resolves when the stream ends or `stop` is called; rejects with what went wrong. A stream can end while
   * lines of it wait for a congested shard: what was read is routed first.
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#transport.start(this);
    });
  }

  /** Reads nothing new; lines that have been read are still routed. */
  quiesce(): void {
    this.#quiet = true;
    this.#transport.pause();
  }

  /** Ends. @param error what went wrong, if anything did */
  stop(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#gate = undefined;
    this.#endOfStream = undefined;
    if (!(this.#waitingFor instanceof Gate)) this.#waitingFor?.forget(this.#resume);
    if (error === undefined) this.#resolve?.();
    else this.#reject?.(error);
  }

  /** The gate has opened: `read` is what came to it. */
  open(read: Buffer): void {
    if (this.#ended) return;
    this.#gate = undefined;
    this.#lines.feed(read);
    this.#resume();
  }

  /** The gate stays shut. @returns whether the reader ends, because its stream has */
  giveUp(): boolean {
    const end = this.#endOfStream;
    end?.();
    return end !== undefined;
  }

  read(bytes: Buffer, length: number): void {
    if (this.#ended) return;
    if (this.#gate !== undefined) {
      this.#gate.read(bytes, length);
      return;
    }
    if (!this.#begun && !this.#mayBeginWith(bytes[0] as number)) return;
    this.#share.read(length);
    this.#lines.feed(bytes, length);
    this.#work();
  }

  #mayBeginWith(firstByte: number): boolean {
    this.#begun = true;
    const refused = this.#host.strict ? refusedBeginning(firstByte) : undefined;
    if (refused !== undefined) this.stop(refused);
    return refused === undefined;
  }

  end(reset: boolean): void {
    // Nothing behind what ended the session is a line, though it may have been read.
    if (this.#ended) return;
    // What a reset has cut off is no line.
    this.#streamEnded = !reset;
    if (this.#waitingFor === undefined) this.#work();
    this.#endWith(() => this.#host.leave(reset, () => this.stop()));
  }

  fail(error: Error): void {
    this.#endWith(() => this.stop(socketFailed(error)));
  }

  /** The connection is closed. */
  closed(): void {
    this.#endWith(() => this.stop());
  }

  /** The stream has ended: `end` is called as soon as all lines that were read are routed. The first end counts. */
  #endWith(end: () => void): void {
    if (this.#ended) return;
    if (this.#waitingFor === undefined || this.#host.mustWait()) end();
    else this.#endOfStream ??= end;
  }

  /** Works off the chunk at hand, until it is at its end or a shard cannot follow. */
  #work(): void {
    try {
      this.#workOff();
    } catch (error) {
      this.stop(error);
    }
  }

  /** @throws SessionError for what is no line, or no name */
  #workOff(): void {
    this.#share.begin();
    if (this.#lineInHand) this.#line();
    while (this.#waitingFor === undefined) {
      if (this.#share.used) {
        this.#waitForTurn();
        break;
      }
      const result = this.#nextLine();
      switch (result) {
        case 'line':
          this.#line();
          break;
        case 'more':
          if (this.#share.readUp) {
            this.#waitForTurn();
            this.#transport.pause();
          }
          return;
        case 'too long':
          throw this.#refused(this.#tooLong());
        case 'not utf-8':
          throw this.#refused(notUtf8());
        default:
          result satisfies never;
      }
    }
    if (this.#waitingFor instanceof Gate) return; // which reads on
    this.#lines.keep(); // the bytes are in the buffer of all sockets, until one of them is read
    this.#transport.pause();
  }

  #waitForTurn(): void {
    const { turns } = this.#host;
    this.#waitingFor = turns;
    turns.waitFor(this.#resume);
  }

  /** Behind the end of the stream, what is left of it is a line too. */
  #nextLine(): LineResult {
    const result = this.#lines.next();
    return result === 'more' && this.#streamEnded ? this.#lines.finish() : result;
  }

  #line(): void {
    if (!this.#named) {
      this.#login();
      return;
    }
    const result = this.#requests.line(this.#lines, this.#share);
    this.#lineInHand = result !== 'done';
    if (result === 'in part') this.#waitForTurn();
    else if (result !== 'done') {
      this.#waitingFor = result;
      result.waitFor(this.#resume, this.#requests.askedBytes);
    }
  }

  readonly #resume = (): void => {
    const waitedForShard = this.#waitingFor instanceof Outbox;
    this.#waitingFor = undefined;
    if (waitedForShard) this.#share.resume();
    this.#work();
    if (this.#waitingFor !== undefined) return;
    this.#endOfStream?.();
    if (!this.#quiet) this.#transport.resume();
  };

  #login(): void {
    const gate = this.#host.login();
    this.#named = true;
    if (gate === undefined) return;
    const rest = this.#lines.takeRest();
    gate.read(rest, rest.length);
    this.#waitingFor = gate;
    this.#gate = gate;
  }

  /** Another protocol is told so, though its first line is no line at all. */
  #refused(otherwise: SessionError): SessionError {
    const { bytes, start, end } = this.#lines;
    if (this.#named || !this.#host.strict) return otherwise;
    return refusedFirstLine(bytes.subarray(start, end), otherwise);
  }

  #tooLong(): SessionError {
    const { MAX_LINE_BYTES, MAX_NAME_BYTES } = this.#host.config;
    return this.#named ? lineTooLong(MAX_LINE_BYTES) : nameTooLong(MAX_NAME_BYTES);
  }
}
