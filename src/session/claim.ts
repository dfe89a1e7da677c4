/**
 * A session's claim to its name: what its shard has said of it, and what follows from that for the session.
 *
 * - With STRICT, what the session reads waits at a gate until the name is its own. Who finds the name taken waits.
 * - A session whose peer has ended its side stays until the mail is written that waited when the name became its own:
 *   `echo bob | nc -N host 8080` prints bob's mail.
 */
import type { Notice } from '../protocol/notice-line.ts';
import { add, since } from '../shared/common/serial-arithmetic.ts';
import type { AttachedAs, Progress, Standing } from '../shared/wire/records.ts';
import { NameGate } from './reader/name-gate.ts';

/** What a claim needs of its session. */
export interface ClaimHost {
  readonly writer: {
    readonly progress: Progress;
    /** From now on every write is reported as soon as it is over. */
    reportEach(): void;
  };
  /** Reads no more. */
  pause(): void;
  /** Whether these bytes, read alone, say that the peer wants to leave. */
  isQuit(bytes: Buffer, length: number): boolean;
  /** Its peer does not want to wait. */
  quit(): void;
  /** Says a line of the broker's own, at once. */
  say(notice: Notice): void;
  /** Calls `step` after a while that is too short for a person to notice. @returns what cancels that */
  later(step: () => void): () => void;
  /** The name is the session's own: `read` is what came while it was not. Only with a gate. */
  granted(read: Buffer): void;
  /** The name stays somebody else's. Only with a gate. @returns whether the session ends, because its stream has */
  taken(): boolean;
  /** Too many wait for the name: the session cannot be one of them. */
  refused(): void;
}

export class Claim {
  readonly #host: ClaimHost;
  #name: Uint8Array = new Uint8Array(0);
  #standing: Standing = 'unnamed';
  #gate: NameGate | undefined;
  /** Whether it waits for somebody who stays; what cancels finding that out; and whether the peer has been told. */
  #mustWait = false;
  #cancelWait: (() => void) | undefined;
  #toldToWait = false;
  /** The writer has written this many frames when what waited is written; modulo 2^32, as its progress. */
  #dueFrames = 0;
  #leave: (() => void) | undefined;
  #ended = false;

  constructor(host: ClaimHost) {
    this.#host = host;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** What reads for the session while its name is not its own; undefined before, after, and where nobody waits. */
  get gate(): NameGate | undefined {
    return this.#gate;
  }

  /** Whether it waits for its name, and nobody knows how long. */
  get mustWait(): boolean {
    return this.#standing === 'waiting' && this.#mustWait;
  }

  /** It is being found out whether the peer may have the name. Nothing is worked off before that. */
  authenticate(): void {
    this.#standing = 'authenticating';
    this.#gate = this.#newGate();
  }

  /** The shard has been asked for the name. With `strict`, nothing is worked off before the answer. */
  ask(name: Uint8Array, strict: boolean): void {
    this.#name = name;
    this.#standing = 'asked';
    if (strict) this.#gate ??= this.#newGate();
    else this.#open();
  }

  #newGate(): NameGate {
    return new NameGate(
      () => this.#host.pause(),
      (bytes, length) => this.#quits(bytes, length),
    );
  }

  /** Lines before it are sent, if the name is the session's own: that is not known before the shard has answered. */
  #quits(bytes: Buffer, length: number): boolean {
    if (this.hasGatedLines || !this.#host.isQuit(bytes, length)) return false;
    this.#host.quit();
    return true;
  }

  /** Whether it is not known yet whether the name is the session's own. */
  get #undecided(): boolean {
    return this.#standing === 'authenticating' || this.#standing === 'asked';
  }

  /** Whether lines were read, and it is not known yet whether they go out under this name. */
  get hasGatedLines(): boolean {
    return this.#undecided && this.#gate?.empty === false;
  }

  /**
   * What the shard has said; a new life of it says it again. All that it handed out before is with the writer already,
   * because one port carries both.
   * @param waitingMessages what the shard will deliver before anything newer
   */
  attached(as: AttachedAs, waitingMessages: number): void {
    const before = this.#standing;
    this.#standing = as;
    switch (as) {
      case 'receiving':
        this.#dueFrames = add(this.#host.writer.progress.handedFrames, waitingMessages);
        if (before !== 'receiving' && !this.#ended) this.#greet(waitingMessages);
        this.#open();
        break;
      case 'waiting':
        if (before === 'asked') this.#wait();
        break;
      case 'send-only':
        if (before === 'asked') this.#host.say({ code: 'SEND_ONLY', name: this.#name });
        break;
      case 'refused':
        this.#host.refused();
        break;
      default:
        as satisfies never;
    }
    this.#leaveIfDone();
  }

  /** The peer has ended its side: calls `then` once, when what waited is written, or at once if nothing is to come. */
  leave(then: () => void): void {
    this.#leave = then;
    this.#host.writer.reportEach();
    this.#leaveIfDone();
  }

  /** The writer has reported more written. */
  written(): void {
    if (this.#leave !== undefined) this.#leaveIfDone();
  }

  /** The session ends. What has come to the gate goes nowhere, and the peer is told so if it does not know. */
  end(): void {
    this.#ended = true;
    this.#cancelWait?.();
    const unsent = this.#gate?.empty === false || !this.#toldToWait;
    if (this.#standing === 'waiting' && unsent) this.#host.say({ code: 'NOTHING_SENT', name: this.#name });
    this.#gate = undefined;
    this.#leave = undefined;
  }

  /** Nothing of the mail that waited has come to the writer yet. */
  #greet(waitingMessages: number): void {
    const name = this.#name;
    this.#host.say({ code: this.#toldToWait ? 'NAME_YOURS' : 'WELCOME', name, waitingMessages });
  }

  #open(): void {
    this.#cancelWait?.();
    const gate = this.#gate;
    if (gate === undefined) return;
    this.#gate = undefined;
    this.#host.granted(gate.all());
  }

  /**
   * The name counts as taken only if it is for a while: the holder is often on its way out, because it is the same
   * client, which has closed one connection and opened another.
   */
  #wait(): void {
    this.#cancelWait = this.#host.later(() => {
      this.#mustWait = true;
      if (this.#host.taken()) return;
      this.#toldToWait = true;
      this.#host.say({ code: 'NAME_AWAITED', name: this.#name });
    });
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
        return since(this.#host.writer.progress.writtenFrames, this.#dueFrames) < 0;
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
