/**
 * The pump of a session: what its connection reads goes through its decoder, and each step of that is done. It stops
 * reading while a shard cannot follow, when its turn is over, and while its name is not its own; and it finds the end
 * of the stream. It knows no socket, no clock and no protocol: all that is given to it.
 */
import { socketFailed } from '../../protocol/errors.ts';
import type { Decoder, Found } from '../../protocol/protocol.ts';
import { Outbox } from '../../router/outbox.ts';
import type { Routed } from '../../router/router.ts';
import type { ByteSink, Transport } from '../../transport/transport.ts';
import { NameGate } from './name-gate.ts';
import type { Requests } from './requests.ts';
import { TurnShare } from './turn-share.ts';
import type { Turns } from './turns.ts';

/** What a reader needs of its session. */
export interface ReaderHost {
  readonly turns: Turns;
  /** Takes the name that the decoder has found. @returns the gate at which what is read waits, if it does */
  login(): NameGate | undefined;
  /** Whether the session waits for its name, and nobody knows how long. */
  mustWait(): boolean;
  /** All that was read is routed, and the peer has ended its side, or broken off with `reset`: `end` is due. */
  leave(reset: boolean, end: () => void): void;
}

export class Reader implements ByteSink {
  readonly #transport: Pick<Transport, 'start' | 'pause' | 'resume'>;
  readonly #decoder: Decoder;
  readonly #requests: Requests;
  readonly #host: ReaderHost;
  readonly #share: TurnShare;
  #waitingFor: Outbox | Turns | NameGate | undefined;
  #gate: NameGate | undefined;
  /** The step that was found last is not done yet, or not for all its names. */
  #inHand = false;
  #quiet = false;
  #endOfStream: (() => void) | undefined;
  #ended = false;
  /** The peer has ended its side in order. */
  #streamEnded = false;
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(
    transport: Pick<Transport, 'start' | 'pause' | 'resume'>,
    decoder: Decoder,
    requests: Requests,
    host: ReaderHost,
  ) {
    this.#transport = transport;
    this.#decoder = decoder;
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

  get ended(): boolean {
    return this.#ended;
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
    if (!(this.#waitingFor instanceof NameGate)) this.#waitingFor?.forget(this.#resume);
    if (error === undefined) this.#resolve?.();
    else this.#reject?.(error);
  }

  /** The gate has opened: `read` is what came to it. */
  open(read: Buffer): void {
    if (this.#ended) return;
    this.#gate = undefined;
    this.#decoder.feed(read);
    if (this.#streamEnded) this.#decoder.finish();
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
    this.#share.read(length);
    this.#decoder.feed(bytes, length);
    this.#work();
  }

  end(reset: boolean): void {
    // Nothing behind what ended the session is a line, though it may have been read.
    if (this.#ended) return;
    // What a reset has cut off is no line.
    if (!reset) {
      this.#streamEnded = true;
      // What came to a gate is fed when that opens, and is what ends then.
      if (this.#gate === undefined) this.#decoder.finish();
    }
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

  /** @throws SessionError that ends the session */
  #workOff(): void {
    this.#share.begin();
    if (this.#inHand) this.#do(this.#decoder.again());
    while (this.#waitingFor === undefined) {
      if (this.#share.used) {
        this.#waitForTurn();
        break;
      }
      const step = this.#decoder.next();
      // Most steps are messages, so they take the shortest way.
      if (step === 'send') this.#send();
      else if (step !== 'more') this.#do(step);
      else {
        if (!this.#share.readUp) return;
        this.#waitForTurn();
        this.#transport.pause();
        return;
      }
    }
    if (this.#waitingFor instanceof NameGate) return; // which reads on
    this.#decoder.keep(); // the bytes are in the buffer of all sockets, until one of them is read
    this.#transport.pause();
  }

  #do(step: Found): void {
    switch (step) {
      case 'send':
        this.#send();
        return;
      case 'command':
        this.#note(this.#requests.answer(this.#decoder, this.#share));
        return;
      case 'nothing':
        this.#note(this.#requests.say(this.#decoder, this.#share));
        return;
      case 'login':
        this.#login();
        return;
      case 'wrong':
        throw this.#decoder.error;
      default:
        step satisfies never;
    }
  }

  #waitForTurn(): void {
    const { turns } = this.#host;
    this.#waitingFor = turns;
    turns.waitFor(this.#resume);
  }

  #send(): void {
    const result = this.#requests.send(this.#decoder, this.#share);
    if (result === 'routed') this.#inHand = false;
    else this.#note(result);
  }

  /** Notes what became of a step: what is not done yet waits. */
  #note(result: Outbox | Routed): void {
    this.#inHand = result !== 'routed';
    if (result === 'in part') this.#waitForTurn();
    else if (result !== 'routed') {
      this.#waitingFor = result;
      result.waitFor(this.#resume, this.#requests.askedBytes);
    }
  }

  readonly #resume = (): void => {
    const waitedForShard = this.#waitingFor instanceof Outbox;
    this.#waitingFor = undefined;
    if (this.#ended) return;
    if (waitedForShard) this.#share.resume();
    this.#work();
    if (this.#waitingFor !== undefined) return;
    this.#endOfStream?.();
    if (!this.#quiet) this.#transport.resume();
  };

  #login(): void {
    const gate = this.#host.login();
    if (gate === undefined) return;
    const rest = this.#decoder.takeRest();
    gate.read(rest, rest.length);
    this.#waitingFor = gate;
    this.#gate = gate;
  }
}
