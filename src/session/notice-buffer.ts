/** Gathers the notices for one peer in a turn into one write, up to a limit. */
import type { Notice } from '../protocol/notice-line.ts';
import type { Encoder } from '../protocol/protocol.ts';
import type { Turns } from './reader/turns.ts';

const MAX_NOTICE_BYTES_A_TURN = 16 * 1024;

/** Writes notices. */
export interface NoticeWriter {
  notice(lines: Uint8Array): void;
}

/** The notices of one session. */
export class NoticeBuffer {
  #on: boolean;
  #maxBytesATurn = MAX_NOTICE_BYTES_A_TURN;
  #encoder: Encoder;
  readonly #writer: NoticeWriter;
  readonly #turns: Pick<Turns, 'atEnd'>;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #leftOut = 0;
  #onHold = false;

  /** @param on whether there are notices at all */
  constructor(on: boolean, encoder: Encoder, writer: NoticeWriter, turns: Pick<Turns, 'atEnd'>) {
    this.#on = on;
    this.#encoder = encoder;
    this.#writer = writer;
    this.#turns = turns;
  }

  /** The peer is a program: it is told everything, whatever the setting. @param encoder of its protocol */
  speak(encoder: Encoder): void {
    this.#on = true;
    this.#encoder = encoder;
    this.#maxBytesATurn = Number.POSITIVE_INFINITY; // a backlog bounds them
  }

  /** Whether a further notice in this turn would be left out, so that it need not be made. */
  get full(): boolean {
    return !this.#on || this.#bytes > this.#maxBytesATurn;
  }

  /**
   * Sends a notice at the end of the turn. A notice beyond the limit is only counted, because notices must not become
   * traffic.
   */
  say(notice: Notice): void {
    if (!this.#on) return;
    if (this.full) {
      this.#leftOut++;
      return;
    }
    if (this.#bytes === 0 && !this.#onHold) this.#turns.atEnd(() => this.flush());
    this.#push(notice);
  }

  /** Holds back all notices until `begin`. */
  hold(): void {
    this.#onHold = true;
  }

  /** Sends `first` at once, and after it the notices that were held back. */
  begin(first: Notice): void {
    this.#onHold = false;
    if (!this.#on) return;
    const held = this.#lines;
    this.#lines = [];
    this.#push(first);
    this.#lines.push(...held);
    this.flush();
  }

  #push(notice: Notice): void {
    const line = this.#encoder.notice(notice);
    this.#lines.push(line);
    this.#bytes += line.length;
  }

  /** Sends the gathered notices and this one at once. What is written next comes after them. */
  sayNow(notice: Notice): void {
    this.flush();
    this.say(notice);
    this.flush();
  }

  /** Sends the gathered notices at once, with a count of those that were left out. */
  flush(): void {
    const lines = this.#take();
    if (lines !== undefined) this.#writer.notice(lines);
  }

  /** Takes the gathered notices, to be sent with messages in one write. @returns undefined if none may be sent now */
  take(): Uint8Array | undefined {
    return this.#onHold ? undefined : this.#take();
  }

  #take(): Uint8Array | undefined {
    if (this.#bytes === 0) return undefined;
    if (this.#leftOut > 0) this.#lines.push(this.#encoder.notice({ code: 'LEFT_OUT', count: this.#leftOut }));
    const lines = Buffer.concat(this.#lines);
    this.#lines = [];
    this.#bytes = 0;
    this.#leftOut = 0;
    return lines;
  }
}
