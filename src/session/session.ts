/**
 * One peer: its name and how it stands, the reader of what it sends, the writer that the reader stops when it ends, and
 * the scope between the two.
 */
import type { Decision } from '../auth/authenticator.ts';
import { nameCrowded, nameRefused, nameTimeout, quit, SessionError, socketFailed } from '../protocol/errors.ts';
import type { Notice } from '../protocol/notice-line.ts';
import type { Decoder } from '../protocol/protocol.ts';
import type { AttachedAs, AttachmentNumber, Standing } from '../shared/wire/records.ts';
import type { WatchedPeer } from '../transport/silent-peers.ts';
import type { Transport } from '../transport/transport.ts';
import { Claim } from './claim.ts';
import { NoticeBuffer } from './notice-buffer.ts';
import type { NameGate } from './reader/name-gate.ts';
import { Reader } from './reader/reader.ts';
import { Requests } from './reader/requests.ts';
import type { SessionHost } from './session-host.ts';
import { ShardAttachment } from './shard-attachment.ts';
import { ShutdownScope } from './shutdown-scope.ts';
import { Writer, type WriterHome } from './writer.ts';

/**
 * How long a session whose peer has ended its side may take to write the mail that waited for it; and then, how long it
 * may take to finish its write and to be closed by its peer.
 */
const LEAVE_TIMEOUT_MS = 5_000;
/** See ClaimHost, later. */
const A_WHILE_MS = 100;
/** An authenticator that fails lets nobody in. */
const UNDECIDED: Decision = { admitted: false, reason: 'whether you may have it cannot be found out now' };

export class Session implements WatchedPeer {
  readonly transport: Transport;
  readonly #host: SessionHost;
  readonly #attachment: ShardAttachment;
  readonly #decoder: Decoder;
  readonly #requests: Requests;
  readonly #reader: Reader;
  readonly #notices: NoticeBuffer;
  #writer: Writer | undefined;
  #claim: Claim | undefined;
  #cancelNameTimer: (() => void) | undefined;
  #cancelLeaveTimer: (() => void) | undefined;

  /** Resolves when `left` becomes true. */
  readonly whenLeft: Promise<void>;
  #resolveLeft: (() => void) | undefined;

  constructor(number: AttachmentNumber, transport: Transport, host: SessionHost) {
    this.transport = transport;
    this.#host = host;
    const { config, protocol, turns } = host;
    this.#attachment = new ShardAttachment(number, host.router);
    this.#decoder = protocol.decoder(host.memory);
    const write = (lines: Uint8Array) => this.#writer?.notice(lines);
    this.#notices = new NoticeBuffer(config.NOTICES === 'on', protocol.encoder, write, (step) => turns.atEnd(step));
    this.#requests = new Requests(number, this.#notices, host);
    this.#reader = new Reader(transport, this.#decoder, this.#requests, {
      turns,
      login: () => this.#login(),
      mustWait: () => this.#claim?.mustWait === true,
      leave: (reset, end) => this.#leave(reset, end),
    });
    this.whenLeft = new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
  }

  get number(): AttachmentNumber {
    return this.#attachment.number;
  }

  /** The name, once its shard is asked for it. */
  get name(): Uint8Array | undefined {
    return this.#attachment.name;
  }

  /** Where it comes from, as `address:port`. */
  get peer(): string {
    return this.transport.peer.text;
  }

  /** The shard that owns the name, or -1 before there is one. */
  get shard(): number {
    return this.#attachment.shard;
  }

  /** See Reattachable. */
  get place(): number {
    return this.#attachment.place;
  }

  /** See Reattachable. */
  get introduced(): boolean {
    return this.#attachment.introduced;
  }

  /** See Reattachable. */
  get gone(): boolean {
    return this.#attachment.gone;
  }

  /** True once the last return has been put: nothing of it is left but frames still under way to it. */
  get left(): boolean {
    return this.#attachment.left;
  }

  get standing(): Standing {
    return this.#claim?.standing ?? 'unnamed';
  }

  /** Whether lines were read, and wait for the shard to say whose the name is. */
  get hasGatedLines(): boolean {
    return this.#claim?.hasGatedLines === true;
  }

  get writer(): Writer | undefined {
    return this.#writer;
  }

  /**
   * The session's whole life: reads until the reader ends, then stops the writer, and resolves when the connection is
   * closed.
   * @returns why the reader ended, if it was not by the peer's or the broker's own wish
   */
  async run(): Promise<SessionError | undefined> {
    const { transport } = this;
    let failure: SessionError | undefined;
    {
      // Left by any way, the scope is disposed, and that is the writer's signal.
      using shutdown = new ShutdownScope();
      const writer = new Writer(transport.outlet, shutdown.signal, this.#home(), {
        reportAfterBytes: this.#host.reportAfterBytes,
        backlog: () => transport.unwrittenBytes(),
        slabs: this.#host.slabs,
        acknowledges: this.#host.protocol.acknowledges,
      });
      this.#writer = writer;
      this.#claim = this.#newClaim(writer);
      void transport.closed.then(() => {
        writer.closed();
        // Before it is known whether the peer may have its name, there is nothing to wait for.
        if (this.standing === 'authenticating') this.#reader.stop();
        else this.#reader.closed();
      });
      try {
        await this.#read();
      } catch (error) {
        failure = error instanceof SessionError ? error : socketFailed(error);
        this.#sayWhy(failure);
      }
      this.#notices.flush(); // before the writer stops
    }
    // What the peer still sends is taken and thrown away: a socket closed over unread bytes is reset, and a reset can
    // overtake the notice that says why.
    transport.resume();
    const cancel = this.#host.startTimer(LEAVE_TIMEOUT_MS, () => this.abandon());
    await transport.closed;
    cancel();
    return failure?.code === 'QUIT' ? undefined : failure;
  }

  async #read(): Promise<void> {
    const { config, startTimer } = this.#host;
    const seconds = config.NAME_TIMEOUT_SECONDS;
    this.#cancelNameTimer = startTimer(seconds * 1000, () => this.#reader.stop(nameTimeout(seconds)));
    try {
      await this.#reader.run();
    } finally {
      this.#cancelNameTimer?.();
      this.#cancelLeaveTimer?.();
      this.#claim?.end();
    }
  }

  #sayWhy(failure: SessionError): void {
    if (failure.answer !== undefined) this.#writer?.notice(failure.answer);
    else if (failure.code !== 'SOCKET') this.#notices.sayNow(failure);
  }

  /** Says a line of the broker's own to the peer, unless notices are off. */
  notice(notice: Notice): void {
    this.#notices.say(notice);
  }

  /** A shard has answered what the peer has asked it. */
  answered(notice: Notice): void {
    this.notice(notice);
    this.#requests.noteAnswer();
  }

  /** What the shard said of the name: see ToMainHandler. */
  attached(as: AttachedAs, waitingMessages: number): void {
    // Before its lines are routed: who asks who is here is among them.
    if (as === 'receiving' && !this.left) this.#host.presence.enter(this);
    this.#claim?.attached(as, waitingMessages);
  }

  /** Reads nothing new; lines that have been read are still routed. */
  quiesce(): void {
    this.#reader.quiesce();
  }

  /** Ends the reader, and by that the session. */
  end(): void {
    this.#reader.stop();
  }

  /** Gives up on the connection at once; what its peer has not taken goes back to the shard. */
  abandon(): void {
    this.#writer?.noteProgress();
    this.transport.destroy();
  }

  #home(): WriterHome {
    return {
      written: (frames, bytes, last) => {
        this.#attachment.written(frames, bytes, last);
        this.#claim?.written();
      },
      returned: (last, progress, runs) => {
        // The return is on its way before the peer can see the end of the stream: when it comes back under this name,
        // the name is free.
        this.#attachment.returned(last, progress, runs);
        if (!last) return;
        this.#host.presence.leave(this);
        this.#resolveLeft?.();
        this.transport.end();
      },
    };
  }

  #newClaim(writer: Writer): Claim {
    const reader = this.#reader;
    return new Claim({
      writer,
      pause: () => this.transport.pause(),
      isQuit: (bytes, length) => this.#host.protocol.isQuit(bytes, length),
      quit: () => reader.stop(quit()),
      say: (notice) => this.#notices.begin(notice),
      later: (step) => this.#host.startTimer(A_WHILE_MS, step),
      granted: (read) => reader.open(read),
      taken: () => reader.giveUp(),
      refused: () => reader.stop(nameCrowded()),
    });
  }

  /** @throws SessionError if the peer may not have the name */
  #login(): NameGate | undefined {
    const { name, proof } = this.#decoder;
    const decision = this.#host.authenticator.authenticate(name, proof, this.transport.peer);
    if (decision instanceof Promise) {
      this.#claim?.authenticate();
      void this.#admitWhenKnown(name, decision);
    } else if (decision.admitted) this.#admit(name);
    else throw nameRefused(decision.reason);
    return this.#claim?.gate;
  }

  async #admitWhenKnown(name: Uint8Array, decision: Promise<Decision>): Promise<void> {
    const known = await decision.catch(() => UNDECIDED);
    if (this.#reader.ended) return;
    if (known.admitted) this.#admit(name);
    else this.#reader.stop(nameRefused(known.reason));
  }

  #admit(name: Uint8Array): void {
    this.#cancelNameTimer?.();
    this.#requests.sendAs(name);
    this.#notices.hold();
    if (this.#writer !== undefined) this.#attachment.ask(name, this.#writer.progress);
    // Behind the attach: it may let lines go out.
    this.#claim?.ask(name, this.#host.config.STRICT === 'on');
  }

  /**
   * The peer has ended its side: what waited for it when it came is written before the session ends, and what it has
   * asked is answered.
   */
  #leave(reset: boolean, end: () => void): void {
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
    if (mayHold) this.#claim?.leave(endAnswered);
    else endAnswered();
  }
}
