/**
 * A session's claim to its name: what the shard has answered, and what follows from that for the session.
 *
 * - With STRICT=on, what the session reads waits at a gate until the name is its own. A session whose name is taken
 *   waits for it.
 * - A session whose peer has ended its side stays until the mail is written that waited when the name became its own.
 *   So `echo bob | nc -N host 8080` prints bob's mail.
 */
import { nameCrowded, quit } from '../../protocol/errors.ts';
import type { Notice } from '../../protocol/notice-line.ts';
import type { Protocol } from '../../protocol/protocol.ts';
import { add, since } from '../../shared/common/serial-arithmetic.ts';
import type { StartTimer } from '../../shared/common/timer.ts';
import type { AttachedAs, Standing } from '../../shared/wire/records.ts';
import type { Transport } from '../../transport/transport.ts';
import type { NoticeBuffer } from '../notice-buffer.ts';
import { NameGate } from '../reader/name-gate.ts';
import type { Reader } from '../reader/reader.ts';
import type { Writer } from '../writer/writer.ts';
import { ProofGate, type ProofTaker } from './proof-gate.ts';

/** How long a session waits before it counts the name as taken: too short for a person to notice. */
const A_WHILE_MS = 100;

/** The parts of a session that its claim acts on. */
export interface ClaimParts {
  readonly writer: Pick<Writer, 'progress' | 'reportEach'>;
  readonly reader: Pick<Reader, 'open' | 'giveUp' | 'stop'>;
  readonly notices: Pick<NoticeBuffer, 'begin'>;
  readonly transport: Pick<Transport, 'pause'>;
  readonly protocol: Pick<Protocol, 'isQuit'>;
  readonly startTimer: StartTimer;
}

/** The claim of one session, from its start to its end. */
export class Claim {
  readonly #parts: ClaimParts;
  #name: Uint8Array = new Uint8Array(0);
  #standing: Standing = 'unnamed';
  #gate: NameGate | undefined;
  /** Whether the wait for the name has lasted for a while; what cancels that decision; whether the peer was told. */
  #mustWait = false;
  #cancelWait: (() => void) | undefined;
  #toldToWait = false;
  /** The mail that waited is written once the writer has written this many frames, modulo 2^32. */
  #dueFrames = 0;
  #leave: (() => void) | undefined;
  #ended = false;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The gate that takes what the session reads; undefined where nothing has to wait. */
  get gate(): NameGate | undefined {
    return this.#gate;
  }

  /** Whether the session waits for its name, for a time that nobody knows. */
  get mustWait(): boolean {
    return this.#standing === 'waiting' && this.#mustWait;
  }

  /** The authenticator has been asked. Nothing is processed before its decision. */
  authenticate(): void {
    this.#standing = 'authenticating';
    this.#gate ??= this.#newGate();
  }

  /** The peer is asked for a proof of its name, which is its next line. */
  askForProof(taker: ProofTaker): void {
    this.#gate = this.#proofGate(taker);
  }

  /** Whether there is nothing yet that would have to wait for a decision if the connection were closed. */
  get hasNothingToSend(): boolean {
    return this.#standing === 'authenticating' || (this.#standing === 'unnamed' && this.#gate !== undefined);
  }

  /** The shard has been asked for the name. @param strict whether lines wait for its answer */
  ask(name: Uint8Array, strict: boolean): void {
    this.#name = name;
    this.#standing = 'asked';
    if (strict) this.#gate ??= this.#newGate();
    else this.#open();
  }

  #newGate(): NameGate {
    return new NameGate(
      () => this.#parts.transport.pause(),
      (bytes, length) => this.#quits(bytes, length),
    );
  }

  #proofGate(taker: ProofTaker): ProofGate {
    return new ProofGate(
      () => this.#parts.transport.pause(),
      (bytes, length) => this.#quits(bytes, length),
      taker,
    );
  }

  /**
   * A command to leave that comes before the answer counts only if no lines wait before it: those may still be sent.
   */
  #quits(bytes: Buffer, length: number): boolean {
    if (this.hasGatedLines || !this.#parts.protocol.isQuit(bytes, length)) return false;
    this.#parts.reader.stop(quit());
    return true;
  }

  /** Whether neither the authenticator nor the shard has decided yet. */
  get #undecided(): boolean {
    return this.#standing === 'authenticating' || this.#standing === 'asked';
  }

  /** Whether lines wait at the gate that may still be sent under this name. */
  get hasGatedLines(): boolean {
    return this.#undecided && this.#gate?.empty === false;
  }

  /**
   * Takes the answer of the shard. The next life of the shard answers again. All mail that the shard delivered before
   * is with the writer already, because one port carries both.
   * @param waitingMessages how many messages the shard will deliver before any newer one
   * @param lastNumber the number of the last message that does not wait
   */
  attached(as: AttachedAs, waitingMessages: number, lastNumber = 0): void {
    const before = this.#standing;
    this.#standing = as;
    switch (as) {
      case 'receiving':
        this.#dueFrames = add(this.#parts.writer.progress.handedFrames, waitingMessages);
        if (before !== 'receiving' && !this.#ended) this.#greet(waitingMessages, lastNumber);
        this.#open();
        break;
      case 'waiting':
        if (before === 'asked') this.#wait();
        break;
      case 'send-only':
        if (before === 'asked') this.#say({ code: 'SEND_ONLY', name: this.#name });
        break;
      case 'refused':
        this.#parts.reader.stop(nameCrowded());
        break;
      default:
        as satisfies never;
    }
    this.#leaveIfDone();
  }

  /**
   * The peer has ended its side. Calls `then` once: when the mail that waited is written, or at once if there is none.
   */
  leave(then: () => void): void {
    this.#leave = then;
    this.#parts.writer.reportEach();
    this.#leaveIfDone();
  }

  /** The writer has reported a write. */
  written(): void {
    if (this.#leave !== undefined) this.#leaveIfDone();
  }

  /** The session ends. Lines that wait at the gate are dropped, and the peer is told if it does not know that. */
  end(): void {
    this.#ended = true;
    this.#cancelWait?.();
    const unsent = this.#gate?.empty === false || !this.#toldToWait;
    if (this.#standing === 'waiting' && unsent) this.#say({ code: 'NOTHING_SENT', name: this.#name });
    if (this.#gate instanceof ProofGate) this.#gate.drop();
    this.#gate = undefined;
    this.#leave = undefined;
  }

  /** Greets the peer. This comes before the first of its mail. */
  #greet(waitingMessages: number, lastNumber: number): void {
    const name = this.#name;
    this.#say({ code: this.#toldToWait ? 'NAME_YOURS' : 'WELCOME', name, waitingMessages, lastNumber });
  }

  #open(): void {
    this.#cancelWait?.();
    const gate = this.#gate;
    if (gate === undefined) return;
    this.#gate = undefined;
    this.#parts.reader.open(gate.all());
  }

  /**
   * The name counts as taken only after a while. Often the same client has just closed one connection and opened
   * another, so the holder is about to leave.
   */
  #wait(): void {
    this.#cancelWait = this.#parts.startTimer(A_WHILE_MS, () => {
      this.#mustWait = true;
      if (this.#parts.reader.giveUp()) return;
      this.#toldToWait = true;
      this.#say({ code: 'NAME_AWAITED', name: this.#name });
    });
  }

  #say(notice: Notice): void {
    this.#parts.notices.begin(notice);
  }

  #leaveIfDone(): void {
    if (this.#leave === undefined || this.#mayGetMore()) return;
    const then = this.#leave;
    this.#leave = undefined;
    then();
  }

  #mayGetMore(): boolean {
    switch (this.#standing) {
      case 'authenticating':
      case 'asked':
        return true;
      case 'receiving':
        return since(this.#parts.writer.progress.writtenFrames, this.#dueFrames) < 0;
      case 'unnamed':
      case 'waiting':
      case 'send-only':
      case 'refused':
        return false;
      default:
        return this.#standing satisfies never;
    }
  }
}
