/**
 * Reads for a session: it feeds what the connection reads to the decoder, and does what each step asks for. It stops
 * reading while a shard is congested, when its share of the turn is used up, while a gate is full, and while more was
 * sent than may be. It also handles the end of the stream. It knows no socket, no clock and no protocol.
 */
import { socketFailed } from '../../protocol/errors.ts';
import type { Decoder, Found } from '../../protocol/protocol.ts';
import { Outbox } from '../../router/outbox.ts';
import type { Routed } from '../../router/router.ts';
import type { Visit } from '../../shared/visitors/visit.ts';
import type { ByteSink, Transport } from '../../transport/transport.ts';
import type { Backlog } from '../program/backlog.ts';
import { NameGate } from './name-gate.ts';
import type { ReaderHost } from './reader-host.ts';
import type { Requests } from './requests.ts';
import { TurnShare } from './turn-share.ts';
import type { Turns } from './turns.ts';

/** The reader of one session. */
export class Reader implements ByteSink {
  readonly #transport: Pick<Transport, 'start' | 'pause' | 'resume'>;
  #decoder: Decoder;
  readonly #requests: Requests;
  readonly #turns: Turns;
  readonly #host: ReaderHost;
  readonly #share: TurnShare;
  #waitingFor: Outbox | Backlog | Turns | NameGate | Visit | undefined;
  #pace: Visit | undefined; // undefined where nothing limits what is sent
  #gate: NameGate | undefined;
  /** Whether the last step is not done yet, or not for all its names. */
  #inHand = false;
  #quiet = false;
  #endOfStream: (() => void) | undefined;
  #resumeLater: (() => void) | undefined;
  #ended = false;
  #heard = false; // since `takeHeard`
  #streamEnded = false; // by the peer, in order
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(
    transport: Pick<Transport, 'start' | 'pause' | 'resume'>,
    decoder: Decoder,
    requests: Requests,
    turns: Turns,
    host: ReaderHost,
  ) {
    this.#transport = transport;
    this.#decoder = decoder;
    this.#requests = requests;
    this.#turns = turns;
    this.#host = host;
    this.#share = new TurnShare(turns);
  }

  /**
   * Starts to read. Resolves when the stream has ended and all that was read has been routed: a stream can end while
   * some of its lines wait for a congested shard. Resolves at once when `stop` is called without an error. Rejects with
   * the error that ended the session.
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

  /** @returns whether the peer was heard since the last call; a session that does not read cannot tell, so it was */
  takeHeard(): boolean {
    const heard = this.#heard || this.#waitingFor !== undefined;
    this.#heard = false;
    return heard;
  }

  /** Stops reading. Lines that were read are still routed. */
  quiesce(): void {
    this.#quiet = true;
    this.#transport.pause();
    this.#hurry();
  }

  get waitsForTurn(): boolean {
    return !this.#ended && this.#waitingFor === this.#turns;
  }

  #hurry(): void {
    this.#pace?.hurry();
    this.#waitNoMore();
  }

  /** From now on asks a visit how fast it may go on. @param pace undefined: as fast as it can */
  keepPace(pace: Visit | undefined): void {
    this.#waitNoMore();
    this.#pace = pace;
  }

  /** Ends the reader. @param error rejects `run`; without one it resolves */
  stop(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#gate = undefined;
    this.#endOfStream = undefined;
    if (!(this.#waitingFor instanceof NameGate)) this.#waitingFor?.forget(this.#whenToResume);
    this.#decoder.release();
    if (error === undefined) this.#resolve?.();
    else this.#reject?.(error);
  }

  /** The name is the session's own, so the gate opens. @param read what the gate has kept */
  open(read: Buffer): void {
    if (this.#ended) return;
    this.#gate = undefined;
    this.#decoder.feed(read);
    if (this.#streamEnded) this.#decoder.finish();
    this.#resume();
  }

  /** The gate stays shut for now. @returns whether the reader ends, because its stream has ended */
  giveUp(): boolean {
    const end = this.#endOfStream;
    end?.();
    return end !== undefined;
  }

  read(bytes: Buffer, length: number): void {
    this.#heard = true;
    if (this.#ended) return;
    this.#pace?.read(length);
    if (this.#gate !== undefined) {
      this.#gate.read(bytes, length);
      return;
    }
    this.#share.read(length);
    this.#decoder.feed(bytes, length);
    this.#work();
  }

  end(reset: boolean): void {
    // What follows the end of the session is not processed, even if it was read.
    if (this.#ended) return;
    // A line that a reset has cut off does not count.
    this.#hurry();
    if (!reset) {
      this.#streamEnded = true;
      // What came to a gate is fed when that opens, and is what ends then.
      if (this.#gate === undefined) this.#decoder.finish();
    }
    this.#gate?.end(reset);
    if (this.#waitingFor === undefined) this.#work();
    this.#endWith(() => this.#host.leave(reset, () => this.stop()));
  }

  fail(error: Error): void {
    this.#endWith(() => this.stop(socketFailed(error)));
  }

  closed(): void {
    if (this.#host.noteClosed()) this.stop();
    else this.#endWith(() => this.stop());
  }

  /** Calls `end` as soon as all lines that were read are routed. Only the first end of a stream counts. */
  #endWith(end: () => void): void {
    if (this.#ended) return;
    this.#hurry();
    if (this.#waitingFor === undefined || this.#host.mustWait()) end();
    else this.#endOfStream ??= end;
  }

  /** Processes the current piece, until its end or until something has to be waited for. */
  #work(): void {
    try {
      this.#workOff();
    } catch (error) {
      this.stop(error);
    }
  }

  /** @throws SessionError if a step ends the session */
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
        if (this.#share.readUp) this.#waitForTurn();
        else if (!this.#waitsForPace()) return;
        this.#transport.pause();
        return;
      }
    }
    if (this.#waitingFor instanceof NameGate) return; // the gate reads on
    this.#decoder.keep(); // the next read of any socket overwrites the buffer
    this.#transport.pause();
  }

  #do(step: Found): void {
    switch (step) {
      case 'send':
        this.#send();
        return;
      case 'login':
        this.#login();
        return;
      case 'program':
        this.speakProgram();
        return;
      case 'wrong':
        throw this.#decoder.error;
      default:
        this.#note(this.#requests.do(step, this.#decoder, this.#share));
    }
  }

  #waitForTurn(): void {
    this.#waitingFor = this.#turns;
    this.#turns.waitFor(this.#whenToResume);
  }

  #send(): void {
    const result = this.#requests.send(this.#decoder, this.#share);
    if (result !== 'routed') this.#note(result);
    else {
      this.#inHand = false;
      if (this.#pace?.sent() === true) this.#waitsForPace();
    }
  }

  /** @returns whether too much was sent: then the session goes on later */
  #waitsForPace(): boolean {
    if (this.#pace === undefined || this.#pace.waitMs === 0) return false;
    this.#waitingFor = this.#pace;
    if (this.#pace.waitFor(this.#whenToResume)) this.#requests.slowed();
    return true;
  }

  #waitNoMore(): void {
    if (this.#pace === undefined || this.#waitingFor !== this.#pace) return;
    this.#pace.forget();
    this.#resume();
  }

  /** Notes what became of a step: what is not done yet waits. */
  #note(result: Outbox | Backlog | Routed): void {
    this.#inHand = result !== 'routed';
    if (result === 'in part') this.#waitForTurn();
    else if (result !== 'routed') {
      this.#waitingFor = result;
      result.waitFor(this.#whenToResume, this.#requests.askedBytes);
    }
  }

  /** Made when it is first needed, because most readers never wait. */
  get #whenToResume(): () => void {
    this.#resumeLater ??= () => this.#resume();
    return this.#resumeLater;
  }

  #resume(): void {
    const before = this.#waitingFor;
    this.#waitingFor = undefined;
    if (this.#ended) return;
    if (before instanceof Outbox) this.#share.resume();
    if (before instanceof NameGate) this.#waitsForPace(); // for what an earlier session has sent
    this.#work();
    if (this.#waitingFor !== undefined) return;
    this.#endOfStream?.();
    if (!this.#quiet) this.#transport.resume();
  }

  /** From here on the decoder of programs reads. */
  speakProgram(): void {
    const rest = this.#decoder.takeRest();
    this.#decoder.release();
    this.#decoder = this.#host.speakProgram();
    this.#decoder.feed(rest);
    if (this.#streamEnded) this.#decoder.finish();
  }

  #login(): void {
    const gate = this.#host.login();
    if (gate === undefined) return;
    const rest = this.#decoder.takeRest();
    gate.read(rest, rest.length);
    this.#waitingFor = gate;
    this.#gate = gate;
  }
}
