/**
 * One peer: its name and its standing, the reader of what it sends, the writer, and the scope whose end stops the
 * writer.
 */
import { SessionError, socketFailed, stillTooMuch } from '../protocol/errors.ts';
import type { Notice } from '../protocol/notice-line.ts';
import type { Decoder } from '../protocol/protocol.ts';
import type { NameStanding } from '../shared/codes/notice-texts.ts';
import type { Visit } from '../shared/visitors/visit.ts';
import type { Outcome } from '../shared/wire/events.ts';
import type { Frames } from '../shared/wire/frames/frames.ts';
import type { AttachedAs, AttachmentNumber, Progress, Standing } from '../shared/wire/records.ts';
import type { WatchedPeer } from '../transport/silence/silent-peers.ts';
import type { Transport } from '../transport/transport.ts';
import type { Admission } from './auth/authenticator.ts';
import { Claim } from './naming/claim.ts';
import { Login } from './naming/login.ts';
import { NoticeBuffer } from './notice-buffer.ts';
import { Program, type Speaks } from './program/program.ts';
import { CheckedRequests } from './reader/checked-requests.ts';
import type { NameGate } from './reader/name-gate.ts';
import { Reader } from './reader/reader.ts';
import type { ReaderHost } from './reader/reader-host.ts';
import { Requests } from './reader/requests.ts';
import { OVER_TRANSPORT, type SessionHost } from './session-host.ts';
import { ShardAttachment } from './shard-attachment.ts';
import { ShutdownScope } from './writer/shutdown-scope.ts';
import { Writer } from './writer/writer.ts';
import type { WriterHome } from './writer/writer-home.ts';

/**
 * How long a session whose peer has ended its side may take to write the mail that waited for it; and after that, how
 * long it may take to finish its write and to be closed by its peer.
 */
const LEAVE_TIMEOUT_MS = 5_000;

/** A session: from an accepted connection until the last return of its writer. */
export class Session implements WatchedPeer, ReaderHost, WriterHome {
  readonly transport: Transport;
  readonly #host: SessionHost;
  readonly attachment: ShardAttachment;
  #decoder: Decoder;
  /** The program that the peer is; undefined if it is a plain one. */
  #program: Program | undefined;
  readonly #requests: Requests;
  readonly #reader: Reader;
  readonly #notices: NoticeBuffer;
  readonly #shutdown = new ShutdownScope();
  readonly writer: Writer;
  readonly #claim: Claim;
  readonly #login: Login;
  #cancelLeaveTimer: (() => void) | undefined;
  #whenLeft: Promise<void> | undefined;
  #resolveLeft: (() => void) | undefined;
  #failure: SessionError | undefined;

  /** @param visit what it counts to, if anything limits it */
  constructor(number: AttachmentNumber, transport: Transport, host: SessionHost, visit?: Visit) {
    this.transport = transport;
    this.#host = host;
    const { config, protocol, turns, receipts, reportAfterBytes, writeBuffers, startTimer } = host;
    const options = { reportAfterBytes, writeBuffers, receipts, turns, encoder: protocol.encoder };
    const writer = new Writer(transport.outlet, this.#shutdown.signal, this, options);
    this.writer = writer;
    this.attachment = new ShardAttachment(number, host.router);
    this.#decoder = protocol.decoder(host.memory, host.places);
    const notices = new NoticeBuffer(config.NOTICES === 'on', protocol.encoder, writer, turns);
    this.#notices = notices;
    // Where nobody is asked for a proof, no message is looked at for who may send it.
    this.#requests = new (config.AUTH === 'off' ? Requests : CheckedRequests)(number, notices, host);
    const reader = new Reader(transport, this.#decoder, this.#requests, turns, this);
    this.#reader = reader;
    visit?.pace(reader, this);
    this.#claim = new Claim({ writer, reader, notices, transport, protocol, startTimer });
    this.#login = new Login({
      authenticator: host.authenticator,
      claim: this.#claim,
      reader,
      notices,
      startTimer,
      nameTimeoutSeconds: config.NAME_TIMEOUT_SECONDS,
      admit: (name, admission) => this.#admit(name, admission),
      visit,
    });
    if (OVER_TRANSPORT[transport.kind] === 'programs') reader.speakProgram();
  }

  get number(): AttachmentNumber {
    return this.attachment.number;
  }

  get name(): Uint8Array | undefined {
    return this.attachment.name;
  }

  get peer(): string {
    return this.transport.peer.text;
  }

  get shard(): number {
    return this.attachment.shard;
  }

  /** True once the last return has been put: nothing of it is left but frames still under way to it. */
  get left(): boolean {
    return this.attachment.left;
  }

  /** Resolves when `left` becomes true. */
  get whenLeft(): Promise<void> {
    if (this.left) return Promise.resolve();
    this.#whenLeft ??= new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
    return this.#whenLeft;
  }

  get standing(): Standing {
    return this.#claim.standing;
  }

  /** What it speaks; a peer that has said nothing yet counts as a plain one. */
  get speaks(): Speaks {
    return this.#program?.speaks ?? 'plain';
  }

  /** See Claim. */
  get hasGatedLines(): boolean {
    return this.#claim.hasGatedLines;
  }

  /**
   * Runs the session: reads until the reader ends, then stops the writer. Resolves when the connection is closed.
   * @returns the error that ended the reader; undefined if the peer or the broker ended it in order
   */
  async run(): Promise<SessionError | undefined> {
    const { transport } = this;
    {
      // Left by any way, the scope is disposed, and that is the writer's signal.
      using _ = this.#shutdown;
      this.#login.start();
      try {
        await this.#reader.run();
      } catch (error) {
        this.#failure = error instanceof SessionError ? error : socketFailed(error);
      }
      this.#login.end();
      this.#cancelLeaveTimer?.();
      this.#claim.end();
      this.#program?.ended();
      if (this.#failure !== undefined) this.#sayWhy(this.#failure);
      this.#notices.flush(); // a writer that has stopped drops notices
    }
    // What the peer still sends is taken and thrown away: a socket closed over unread bytes is reset, and a reset can
    // overtake the notice that says why.
    transport.resume();
    const cancel = this.#host.startTimer(LEAVE_TIMEOUT_MS, () => this.abandon());
    await transport.closed;
    cancel();
    return this.#failure?.code === 'QUIT' ? undefined : this.#failure;
  }

  #sayWhy(failure: SessionError): void {
    if (failure.answer !== undefined) this.writer.notice(failure.answer);
    else if (failure.code !== 'SOCKET') this.#notices.sayNow(failure);
  }

  /** Sends a notice to the peer, unless notices are off. */
  notice(notice: Notice): void {
    if (this.#program?.isTold(notice) !== false) this.#notices.say(notice);
  }

  /** A shard has answered a question of the peer about a name. */
  whoIs(shard: number, question: number, name: Uint8Array, standing: NameStanding): void {
    this.#requests.whoIs(shard, question, name, standing);
  }

  /** The shard has answered about the name (ToMainHandler). */
  attached(as: AttachedAs, waitingMessages: number, lastNumber: number): void {
    if (as === 'receiving') this.#program?.welcomed(lastNumber);
    // This comes before its lines are routed, because `/who` may be among them.
    if (as === 'receiving' && !this.left) this.#host.presence.enter(this);
    this.#claim.attached(as, waitingMessages, lastNumber);
  }

  /** See Visit. */
  slowedForLong(seconds: number): void {
    this.end(stillTooMuch(seconds));
  }

  /** Stops reading. Lines that were read are still routed. */
  quiesce(): void {
    this.#reader.quiesce();
  }

  /** Ends the session once what was read has gone on, but waits for no shard. @param why is told the peer */
  end(why?: SessionError): void {
    this.quiesce();
    if (this.#reader.waitsForTurn) this.#host.turns.waitFor(() => this.end(why));
    else this.#reader.stop(why);
  }

  /** Closes the connection at once. Mail that the kernel has not taken is returned to the shard. */
  abandon(): void {
    this.writer.noteProgress();
    this.transport.destroy();
  }

  /** What became of a message of a program, for one of its names. */
  outcome(shard: number, outcome: Outcome): void {
    this.#program?.outcome(shard, outcome);
    this.#requests.noteAnswered();
  }

  /** A shard has crashed: what became of messages that it had is not known. */
  lostShard(shard: number): void {
    this.#program?.lostShard(shard);
    this.#requests.noteAnswered();
  }

  /** See WriterHome. */
  caughtUp(): void {
    this.#program?.backlog.shrunk();
  }

  /** See WriterHome. */
  written(frames: number, bytes: number, lastNumber: number): void {
    this.attachment.written(frames, bytes, lastNumber);
    this.#claim.written();
  }

  /** See WriterHome. */
  returned(last: boolean, progress: Progress, runs: Frames[]): void {
    // The peer sees the end of the stream only after this. So if it comes back, it finds its name free.
    this.attachment.returned(last, progress, runs);
    if (!last) return;
    this.#host.presence.leave(this);
    this.#resolveLeft?.();
    this.transport.end(this.#failure?.code);
  }

  /** See ReaderHost. */
  speakProgram(): Decoder {
    const program = new Program(this.#host, { writer: this.writer, notices: this.#notices, reader: this.#reader });
    this.#program = program;
    this.#requests.serve(program);
    this.#decoder = program.decoder;
    return program.decoder;
  }

  /**
   * Asks the authenticator for the name (ReaderHost).
   * @returns the gate, if lines must wait
   * @throws SessionError if the name is refused
   */
  login(): NameGate | undefined {
    this.#login.ask(this.#decoder, this.transport.peer, this.#program === undefined);
    return this.#claim.gate;
  }

  #admit(name: Uint8Array, { grant, proven = false }: Admission): void {
    this.#requests.sendAs(name, grant);
    this.#notices.hold();
    this.attachment.ask(name, this.writer.progress, this.#program?.greeted(), proven);
    // This comes after the attach, because it may let lines be routed.
    this.#claim.ask(name, proven || this.#host.config.STRICT === 'on');
  }

  /** See ReaderHost. */
  mustWait(): boolean {
    return this.#claim.mustWait;
  }

  /** See ReaderHost. Without a decision of the authenticator there is nothing to wait for. */
  noteClosed(): boolean {
    this.writer.closed();
    return this.#claim.hasNothingToSend;
  }

  /**
   * The peer has ended its side (ReaderHost). Before the session ends, the mail that waited for it is written, and its
   * commands are answered.
   */
  leave(reset: boolean, end: () => void): void {
    const requests = this.#requests;
    const mayHold = this.#host.config.HOLD_SECONDS > 0;
    if (reset || (!mayHold && requests.answered)) {
      end();
      return;
    }
    this.#cancelLeaveTimer = this.#host.startTimer(LEAVE_TIMEOUT_MS, end);
    const endAnswered = () => {
      if (requests.answered) end();
      else requests.whenAnswered(end);
    };
    // A program that has ended its side can acknowledge nothing, so there is nothing to wait for.
    if (mayHold && this.#program?.decoder.acknowledges !== true) this.#claim.leave(endAnswered);
    else endAnswered();
  }
}
