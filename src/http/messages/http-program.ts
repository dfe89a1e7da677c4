/**
 * A program of the broker itself, which speaks the protocol of programs to a session of its own for clients of HTTP. So
 * what holds for programs holds for them: names, outcomes, windows, back-pressure, and what becomes of mail that nobody
 * acknowledges.
 */
import { InProcessTransport, type Receiver } from '../../transport/in-process.ts';
import type { Peer } from '../../transport/transport.ts';
import { type Problem, problemOf } from '../problems.ts';
import { Inbox } from './inbox.ts';
import { problemOfEnd, problemOfError, RETRY_SECONDS } from './session-problems.ts';

const MESSAGE = '{"type":"message","seq":';
const LF = 0x0a;

/** What became of a message, as the protocol of programs tells it. */
export interface Accepted {
  readonly type: 'accepted';
  readonly id: string;
  readonly to: Readonly<Record<string, 'taken' | 'held' | 'unknown' | 'full' | 'unstored' | 'forbidden'>>;
  readonly duplicate: boolean;
}

/** What the broker tells a program that says no more than this one. */
type Told =
  | { readonly type: 'welcome'; readonly waiting: number }
  | { readonly type: 'waiting' | 'ping' | 'notice' }
  | Accepted
  | { readonly type: 'error'; readonly id?: string; readonly code: string; readonly message: string }
  | { readonly type: 'bye'; readonly code: string; readonly message: string; readonly retry?: number };

interface Sent {
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (problem: Problem) => void;
}

/** What a program says first. */
export interface Hello {
  /** Undefined for a random name, which begins with `~` and is not remembered. */
  readonly name: string | undefined;
  /** How many messages it may have unacknowledged. */
  readonly window: number;
  /** What proves the name; undefined if the client has said nothing of it. */
  readonly token: string | undefined;
}

export class HttpProgram implements Receiver {
  readonly transport: InProcessTransport;
  readonly inbox = new Inbox();
  /** How much mail waited when the name became its own. */
  #waited = 0;
  #standing: 'asked' | 'waiting' | 'welcome' = 'asked';
  #end: Problem | undefined;
  readonly #welcomed: () => void;
  /** The sends that are not answered, by id. Two clients may use the same one. */
  readonly #sent = new Map<string, Sent[]>();
  readonly #watchers = new Set<() => void>();

  /** @param welcomed is called when the name becomes its own */
  constructor(peer: Peer, { name, window, token }: Hello, welcomed: () => void) {
    this.#welcomed = welcomed;
    this.transport = new InProcessTransport(peer, this);
    this.#say({ type: 'hello', v: 1, name, token, ack: true, window });
  }

  get standing(): 'asked' | 'waiting' | 'welcome' {
    return this.#standing;
  }

  /** Why the session has ended; undefined while it has not. */
  get whyEnded(): Problem | undefined {
    return this.#end;
  }

  /** Whether mail that waited when it came has not all been given to it. */
  get hasMoreWaiting(): boolean {
    return this.inbox.received < this.#waited;
  }

  /**
   * Waits for a condition, which is looked at whenever something has come.
   * @returns whether it holds; it may not if the session has ended or the signal is aborted
   */
  async until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!condition() && this.#end === undefined && !signal.aborted) await this.#change(signal);
    return condition();
  }

  /**
   * Waits until the session has its name.
   * @param answered is aborted when the shard must have answered
   * @param waited is aborted when another peer must have left the name; undefined if it is not waited for
   * @returns false if the shard has not answered
   * @throws Problem if another peer has the name, or the session has ended
   */
  async hasName(answered: AbortSignal, waited?: AbortSignal): Promise<boolean> {
    await this.until(() => this.#standing !== 'asked', answered);
    if (waited !== undefined) await this.until(() => this.#standing === 'welcome', waited);
    if (this.#end !== undefined) throw this.#end;
    if (this.#standing === 'welcome') return true;
    if (this.#standing === 'waiting') throw problemOf('NAME_TAKEN', {});
    return false;
  }

  /**
   * Sends a message.
   * @param line its object in the protocol of programs, with this id
   * @throws Problem if it cannot be told what became of it
   */
  send(id: string, line: string, signal: AbortSignal): Promise<Accepted> {
    let giveUp: () => void = () => undefined;
    const answered = new Promise<Accepted>((resolve, reject) => {
      const sent = { resolve, reject };
      if (this.#end !== undefined) return reject(this.#end);
      this.#sent.set(id, [...(this.#sent.get(id) ?? []), sent]);
      giveUp = () => {
        this.#forget(id, sent);
        const fields = { retry: RETRY_SECONDS };
        reject(problemOf(this.transport.paused ? 'SEND_PAUSED' : 'OUTCOME_UNKNOWN', {}, fields));
      };
      this.transport.say(`${line}\n`);
    });
    signal.addEventListener('abort', giveUp);
    // The signal lives until its time is over, and would keep the line until then.
    return answered.finally(() => signal.removeEventListener('abort', giveUp));
  }

  /** Acknowledges all messages up to one. */
  acknowledge(seq: number): void {
    this.#say({ type: 'ack', seq });
  }

  /** Ends the session. What is not acknowledged goes back to the front of the mailbox. */
  end(): void {
    this.transport.hangUp();
  }

  /** Ends the session at once, and its requests with it. @param why what they are answered */
  refuse(why: Problem): void {
    this.#end ??= why;
    this.transport.destroy();
    this.#changed();
  }

  /** See Receiver. */
  take(lines: Uint8Array): void {
    const bytes = Buffer.from(lines); // a copy: the memory of the writer is used again
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LF, at);
      if (end < 0) break;
      this.#hear(bytes.subarray(at, end));
      at = end + 1;
    }
    this.#changed();
  }

  /** See Receiver. */
  closed(): void {
    this.#end ??= problemOf('NOT_SERVED', { reason: 'the session has ended' }, { retry: RETRY_SECONDS });
    // They may have been taken: a session ends by a kick, a take-over or a crash, too, and its answers end with it.
    const unknown = problemOf('OUTCOME_UNKNOWN', {}, { retry: RETRY_SECONDS });
    for (const sent of [...this.#sent.values()].flat()) sent.reject(unknown);
    this.#sent.clear();
    this.#changed();
  }

  #hear(line: Buffer): void {
    if (line.toString('latin1', 0, MESSAGE.length) === MESSAGE) {
      const seq = Number.parseInt(line.toString('latin1', MESSAGE.length, MESSAGE.length + 16), 10);
      this.inbox.push(seq, line);
      return;
    }
    const told = JSON.parse(line.toString()) as Told;
    switch (told.type) {
      case 'welcome':
        this.#standing = 'welcome';
        this.#waited = told.waiting;
        this.#welcomed();
        return;
      case 'waiting':
        this.#standing = 'waiting';
        return;
      case 'ping':
        this.#say({ type: 'pong' });
        return;
      case 'accepted':
        this.#answered(told.id)?.resolve(told);
        return;
      case 'error':
        if (told.id !== undefined) this.#answered(told.id)?.reject(problemOfError(told.code, told.message));
        return;
      case 'bye':
        this.#end ??= problemOfEnd(told.code, told.message, told.retry);
        return;
      case 'notice':
        return; // it says again what an outcome says
      default:
        told satisfies never;
    }
  }

  #answered(id: string): Sent | undefined {
    const first = this.#sent.get(id)?.[0];
    if (first !== undefined) this.#forget(id, first);
    return first;
  }

  #forget(id: string, sent: Sent): void {
    const left = this.#sent.get(id)?.filter((each) => each !== sent) ?? [];
    if (left.length === 0) this.#sent.delete(id);
    else this.#sent.set(id, left);
  }

  #say(object: object): void {
    this.transport.say(`${JSON.stringify(object)}\n`);
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
