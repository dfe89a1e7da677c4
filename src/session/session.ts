/**
 * One peer's connection: the reader that turns its bytes into lines, the writer it stops when it ends, and the scope
 * between the two.
 */
import {
  lineTooLong,
  nameCrowded,
  nameTimeout,
  nameTooLong,
  notUtf8,
  quit,
  SessionError,
  socketFailed,
} from '../protocol/errors.ts';
import type { Notice } from '../protocol/notices.ts';
import { readCommand, SLASH } from '../protocol/plain/commands.ts';
import { LineReader, type LineResult } from '../protocol/plain/line-reader.ts';
import {
  maxFirstLineBytes,
  nameOfFirstLine,
  refusedBeginning,
  refusedFirstLine,
} from '../protocol/strict/first-line.ts';
import type { StrictLine } from '../protocol/strict/strict-line.ts';
import { Outbox } from '../router/outbox.ts';
import type { Routed, Router } from '../router/router.ts';
import type { Config } from '../shared/common/config.ts';
import { HAS_NON_ASCII } from '../shared/memory/look.ts';
import type { Memory } from '../shared/memory/memory.ts';
import type { WriteSlabs } from '../shared/memory/write-buffers.ts';
import { type Prefix, prefixOf } from '../shared/wire/message.ts';
import type { AttachedAs, Standing } from '../shared/wire/to-main.ts';
import type { AttachmentNumber } from '../shared/wire/to-shard.ts';
import type { WatchedPeer } from '../transport/silent-peers.ts';
import type { ByteSink, Transport } from '../transport/transport.ts';
import { answer } from './answers.ts';
import { Claim } from './claim.ts';
import { Gate } from './gate.ts';
import { NoticeBuffer } from './notice-buffer.ts';
import type { Presence } from './presence.ts';
import { ShutdownScope } from './shutdown-scope.ts';
import { TurnShare } from './turn-share.ts';
import type { Turns } from './turns.ts';
import { Writer, type WriterHome } from './writer.ts';

/**
 * How long a session whose peer has ended its side may take to write the mail that waited for it; and then, how long it
 * may take to finish its write and to be closed by its peer.
 */
const LEAVE_TIMEOUT_MS = 5_000;
/** See ClaimHost, later. */
const A_WHILE_MS = 100;
/** So many lines a command counts as, beside its own, and one that has to be written anew: an answer is made for it. */
const COMMAND_LINES = 16;
const REWRITTEN_LINES = 16;
/**
 * So many bytes of a line that is not ASCII count as another line: two to this power. They may have to be normalized.
 */
const NON_ASCII_LINE_BITS = 6;
const FROM = Buffer.from('from ');
const COLON_SPACE = Buffer.from(': ');
const NO_PREFIX = prefixOf(Buffer.alloc(0));

/** What a session needs of the broker around it. */
export interface SessionHost {
  readonly config: Config;
  readonly router: Router;
  /** The memory that most of what is read is in. */
  readonly memory: Memory;
  /** Where bytes lie while they are written. */
  readonly slabs: WriteSlabs;
  readonly turns: Turns;
  readonly presence: Presence;
  /** What makes lines strict; undefined where STRICT is off. */
  readonly strict: StrictLine | undefined;
  /** Written bytes that a writer need not report at once. */
  readonly reportAfterBytes: number;
}

export class Session implements ByteSink, WatchedPeer {
  readonly number: AttachmentNumber;
  readonly transport: Transport;
  readonly #host: SessionHost;
  readonly #lines: LineReader;
  #writer: Writer | undefined;
  #name: Uint8Array | undefined;
  #prefix: Prefix = NO_PREFIX;
  #shard = -1;
  #claim: Claim | undefined;
  /** See Reattachable. */
  place = 0;
  readonly #notices: NoticeBuffer;
  /** Whether lines that begin with a slash are for the broker. */
  readonly #takesCommands: boolean;
  #hinted = false;
  /** What shards were asked for it and have not answered, and what is done then. */
  #answersDue = 0;
  #whenAnswered: (() => void) | undefined;

  /** True once the last return has been put: nothing of it is left but frames still under way to it. */
  left = false;
  /** What the outbox of its shard had posted when the attach, and when the last return, was put. */
  #postsWhenAsked = 0;
  #postsWhenLeft = 0;
  /** Resolves when `left` becomes true. */
  readonly whenLeft: Promise<void>;
  #resolveLeft: (() => void) | undefined;
  #quiet = false;
  /** The first byte has been looked at. */
  #begun = false;
  #streamEnded = false;
  /** The line that was read last is not routed yet: its shard is congested, and this session waits for it. */
  #lineInHand = false;
  /** How many of its names are routed. */
  #namesDone = 0;
  #waitingFor: Outbox | Turns | Gate | undefined;
  #gate: Gate | undefined;
  readonly #share: TurnShare;
  #nameTimer: NodeJS.Timeout | undefined;
  #leaveTimer: NodeJS.Timeout | undefined;
  #endOfStream: (() => void) | undefined;
  #endReading: (() => void) | undefined;
  #failReading: ((error: unknown) => void) | undefined;

  constructor(number: AttachmentNumber, transport: Transport, host: SessionHost) {
    this.number = number;
    this.transport = transport;
    this.#host = host;
    this.#share = new TurnShare(host.turns);
    const { MAX_NAME_BYTES, NOTICES } = host.config;
    const firstLineBytes = host.strict === undefined ? MAX_NAME_BYTES : maxFirstLineBytes(MAX_NAME_BYTES);
    this.#lines = new LineReader(firstLineBytes, host.memory);
    this.#takesCommands = NOTICES === 'on';
    this.#notices = new NoticeBuffer(NOTICES === 'on', (lines) => this.#writer?.notice(lines));
    this.whenLeft = new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
  }

  /** The name, once it was said. */
  get name(): Uint8Array | undefined {
    return this.#name;
  }

  /** Where it comes from, as `address:port`. */
  get peer(): string {
    return this.transport.peer.text;
  }

  /** The shard that owns the name, or -1 before there is one. */
  get shard(): number {
    return this.#shard;
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
   * The session's whole life: reads until the reader ends, then stops the writer, and resolves when the socket is
   * closed.
   * @returns why the reader ended, if it was not by the peer's or the broker's own wish
   */
  async run(): Promise<SessionError | undefined> {
    const { transport } = this;
    let failure: SessionError | undefined;
    {
      // Left by any way, the scope is disposed, and that is the writer's signal.
      using shutdown = new ShutdownScope();
      this.#writer = new Writer(transport.outlet, shutdown.signal, this.#home(), {
        reportAfterBytes: this.#host.reportAfterBytes,
        backlog: () => transport.unwrittenBytes(),
        slabs: this.#host.slabs,
      });
      this.#claim = this.#newClaim(this.#writer);
      void transport.closed.then(() => this.#closed());
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
    const timer = setTimeout(() => this.abandon(), LEAVE_TIMEOUT_MS);
    await transport.closed;
    clearTimeout(timer);
    return failure?.code === 'QUIT' ? undefined : failure;
  }

  #sayWhy({ code, message, answer }: SessionError): void {
    if (answer !== undefined) this.#writer?.notice(answer);
    else if (code !== 'SOCKET') this.#notices.sayNow({ kind: 'closing', reason: message });
  }

  /** Says a line of the broker's own to the peer, unless notices are off. */
  notice(notice: Notice): void {
    this.#notices.say(notice);
  }

  /** What the shard said of the name: see ToMainHandler. */
  attached(as: AttachedAs, waitingMessages: number): void {
    // Before its lines are routed: who asks who is here is among them.
    if (as === 'receiving' && !this.left) this.#host.presence.enter(this);
    this.#claim?.attached(as, waitingMessages);
  }

  /** Whether its shard, in whatever life, has been told of it. */
  get introduced(): boolean {
    return this.#shard >= 0 && this.#host.router.outbox(this.#shard).posts > this.#postsWhenAsked;
  }

  /** Whether its shard, in whatever life, has been told of its end. */
  get gone(): boolean {
    return this.left && this.#host.router.outbox(this.#shard).posts > this.#postsWhenLeft;
  }

  /** Reads nothing new; lines that have been read are still routed. */
  quiesce(): void {
    this.#quiet = true;
    this.transport.pause();
  }

  /** Ends the reader, and by that the session. */
  stop(): void {
    this.#endReading?.();
  }

  /** Gives up on the socket at once; what its peer has not taken goes back to the shard. */
  abandon(): void {
    this.#writer?.noteProgress();
    this.transport.destroy();
  }

  #home(): WriterHome {
    return {
      written: (frames, bytes, last) => {
        this.#host.router.written(this.#shard, this.number, frames, bytes, last);
        this.#claim?.written();
      },
      returned: (last, account, runs) => {
        // The return is on its way before the peer can see the end of the stream: when it comes back under this name,
        // the name is free.
        if (this.#name !== undefined) {
          if (last) this.#postsWhenLeft = this.#host.router.outbox(this.#shard).posts;
          this.#host.router.returned(this.#shard, this.number, this.#name, last, account, runs);
        }
        if (!last) return;
        this.left = true;
        this.#host.presence.leave(this);
        this.#resolveLeft?.();
        this.transport.end();
      },
    };
  }

  #newClaim(writer: Writer): Claim {
    return new Claim({
      writer,
      pause: () => this.transport.pause(),
      quit: () => {
        if (this.#takesCommands) this.#failReading?.(quit());
      },
      say: (notice) => this.#notices.begin(notice),
      later: (step) => {
        const timer = setTimeout(step, A_WHILE_MS);
        return () => clearTimeout(timer);
      },
      granted: (read) => {
        this.#gate = undefined;
        this.#lines.feed(read);
        this.#resume();
      },
      taken: () => {
        this.#endOfStream?.();
        return this.#endOfStream !== undefined;
      },
      refused: () => this.#failReading?.(nameCrowded()),
    });
  }

  /**
   * Resolves when the stream ends or the session is told to end; rejects with what went wrong. A stream can end while
   * lines of it wait for a congested shard: what was read is routed first.
   */
  async #read(): Promise<void> {
    const { NAME_TIMEOUT_SECONDS } = this.#host.config;
    this.#nameTimer = setTimeout(
      () => this.#failReading?.(nameTimeout(NAME_TIMEOUT_SECONDS)),
      NAME_TIMEOUT_SECONDS * 1000,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        this.#endReading = resolve;
        this.#failReading = reject;
        this.transport.start(this);
      });
    } finally {
      clearTimeout(this.#nameTimer);
      clearTimeout(this.#leaveTimer);
      this.#claim?.end();
      this.#endReading = undefined;
      this.#failReading = undefined;
      this.#endOfStream = undefined;
      this.#gate = undefined;
      if (!(this.#waitingFor instanceof Gate)) this.#waitingFor?.forget(this.#resume);
    }
  }

  read(bytes: Buffer, length: number): void {
    if (this.#gate !== undefined) {
      this.#gate.read(bytes, length);
      return;
    }
    if (this.#failReading === undefined) return; // it has ended
    if (!this.#begun && !this.#mayBeginWith(bytes[0] as number)) return;
    this.#share.read(length);
    this.#lines.feed(bytes, length);
    this.#work();
  }

  end(reset: boolean): void {
    // Nothing behind what ended the session is a line, though it may have been read.
    if (this.#endReading === undefined) return;
    // What a reset has cut off is no line.
    this.#streamEnded = !reset;
    if (this.#waitingFor === undefined) this.#work();
    this.#endWith(() => this.#leave(() => this.#endReading?.()));
  }

  fail(error: Error): void {
    this.#endWith(() => this.#failReading?.(socketFailed(error)));
  }

  #closed(): void {
    this.#writer?.closed();
    this.#endWith(() => this.#endReading?.());
  }

  #mayBeginWith(firstByte: number): boolean {
    this.#begun = true;
    const refused = this.#host.strict === undefined ? undefined : refusedBeginning(firstByte);
    if (refused !== undefined) this.#failReading?.(refused);
    return refused === undefined;
  }

  /** The stream has ended: `end` is called as soon as all lines that were read are routed. The first end counts. */
  #endWith(end: () => void): void {
    if (this.#waitingFor === undefined || this.#claim?.mustWait === true) end();
    else this.#endOfStream ??= end;
  }

  /**
   * The peer has ended its side: what waited for it when it came is written before the session ends, and what it has
   * asked is answered.
   */
  #leave(end: () => void): void {
    const { HOLD_SECONDS } = this.#host.config;
    if (!this.#streamEnded || (HOLD_SECONDS === 0 && this.#answersDue === 0)) {
      end();
      return;
    }
    this.#leaveTimer = setTimeout(end, LEAVE_TIMEOUT_MS);
    const endAnswered = () => {
      if (this.#answersDue === 0) end();
      else this.#whenAnswered = end;
    };
    if (HOLD_SECONDS === 0) endAnswered();
    else this.#claim?.leave(endAnswered);
  }

  /** A shard has answered what the peer has asked it. */
  answered(notice: Notice): void {
    this.notice(notice);
    this.#answersDue--;
    if (this.#answersDue === 0) this.#whenAnswered?.();
  }

  /** Works off the chunk at hand, until it is at its end or a shard cannot follow. */
  #work(): void {
    try {
      this.#workOff();
    } catch (error) {
      this.#failReading?.(error);
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
            this.transport.pause();
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
    this.transport.pause();
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
    if (this.#name === undefined) {
      this.#takeName();
      return;
    }
    const { router, config } = this.#host;
    const result = this.#route();
    this.#lineInHand = typeof result === 'object' || result === 'in part';
    this.#namesDone = this.#lineInHand ? router.namesDone : 0;
    if (typeof result === 'object') {
      this.#waitingFor = result;
      result.waitFor(this.#resume, router.askedBytes);
    } else if (result === 'in part') this.#waitForTurn();
    else if (result === 'too many names') this.notice({ kind: 'too many names', max: config.MAX_DESTINATIONS });
    else if (result === 'no colon') this.#hint();
  }

  /** Does what the line at hand says, or as much of it as it may. */
  #route(): Outbox | Routed {
    const lines = this.#lines;
    const { router, strict } = this.#host;
    if (this.#takesCommands && lines.bytes[lines.start] === SLASH) {
      const command = readCommand(lines.bytes, lines.start, lines.end, strict !== undefined);
      if (command !== undefined) {
        this.#share.spend(COMMAND_LINES, 0);
        const result = answer(command, this.number, this.#notices, this.#host);
        if (result === 'asked') this.#answersDue++;
        return result instanceof Outbox ? result : 'routed';
      }
    }
    if ((lines.found & HAS_NON_ASCII) !== 0) this.#share.spend((lines.end - lines.start) >> NON_ASCII_LINE_BITS, 0);
    const line = lines.found === 0 || strict === undefined ? lines : strict.of(lines, lines.found);
    if (line === undefined) {
      const { message } = lineTooLong(this.#host.config.MAX_LINE_BYTES);
      this.notice({ kind: 'refused line', reason: `${message} as it would be shown` });
      return 'routed';
    }
    const result = router.route(this.number, this.#prefix, line, this.#namesDone, this.#share.costBytes);
    this.#share.spend(line === lines ? router.namesSplit : router.namesSplit + REWRITTEN_LINES, router.costBytes);
    return result;
  }

  /** A line names nobody: says how to write one, once. */
  #hint(): void {
    if (this.#hinted || this.#lines.end === this.#lines.start) return;
    this.#hinted = true;
    this.notice({ kind: 'hint' });
  }

  readonly #resume = (): void => {
    const waitedForShard = this.#waitingFor instanceof Outbox;
    this.#waitingFor = undefined;
    if (waitedForShard) this.#share.resume();
    this.#work();
    if (this.#waitingFor !== undefined) return;
    this.#endOfStream?.();
    if (!this.#quiet) this.transport.resume();
  };

  /** @throws SessionError if the line at hand is no name */
  #takeName(): void {
    const { config, router, strict } = this.#host;
    const { bytes, start, end } = this.#lines;
    const line = Buffer.from(bytes.subarray(start, end));
    const name = strict === undefined ? line : nameOfFirstLine(line, config.MAX_NAME_BYTES);
    clearTimeout(this.#nameTimer);
    this.#name = name;
    this.#prefix = prefixOf(Buffer.concat([FROM, name, COLON_SPACE]));
    this.#lines.limit(config.MAX_LINE_BYTES);
    this.#shard = router.shardOf(name);
    this.#notices.hold();
    this.#claim?.ask(name, strict !== undefined);
    this.#postsWhenAsked = router.outbox(this.#shard).posts;
    const account = this.#writer?.account;
    if (account !== undefined) this.place = router.attach(this.#shard, this.number, name, account);
    const gate = this.#claim?.gate;
    if (gate === undefined) return;
    const rest = this.#lines.takeRest();
    gate.read(rest, rest.length);
    this.#waitingFor = gate;
    this.#gate = gate;
  }

  /** Another protocol is told so, though its first line is no line at all. */
  #refused(otherwise: SessionError): SessionError {
    const { bytes, start, end } = this.#lines;
    if (this.#name !== undefined || this.#host.strict === undefined) return otherwise;
    return refusedFirstLine(bytes.subarray(start, end), otherwise);
  }

  #tooLong(): SessionError {
    const { MAX_LINE_BYTES, MAX_NAME_BYTES } = this.#host.config;
    return this.#name === undefined ? nameTooLong(MAX_NAME_BYTES) : lineTooLong(MAX_LINE_BYTES);
  }
}
