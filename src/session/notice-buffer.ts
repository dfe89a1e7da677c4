/** Gathers the notices for one peer in a turn into one write, up to a limit. */
import type { Notice } from '../protocol/notice-line.ts';
import type { Encoder } from '../protocol/protocol.ts';

const MAX_NOTICE_BYTES_A_TURN = 16 * 1024;

/** The notices of one session. */
export class NoticeBuffer {
  readonly #on: boolean;
  readonly #encoder: Encoder;
  readonly #write: (lines: Uint8Array) => void;
  readonly #endOfTurn: (step: () => void) => void;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #leftOut = 0;
  #onHold = false;

  /**
   * @param on whether there are notices at all
   * @param endOfTurn calls a step when the turn of the event loop is over
   */
  constructor(
    on: boolean,
    encoder: Encoder,
    write: (lines: Uint8Array) => void,
    endOfTurn: (step: () => void) => void,
  ) {
    this.#on = on;
    this.#encoder = encoder;
    this.#write = write;
    this.#endOfTurn = endOfTurn;
  }

  /** Whether a further notice in this turn would be left out, so that it need not be made. */
  get full(): boolean {
    return !this.#on || this.#bytes > MAX_NOTICE_BYTES_A_TURN;
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
    if (this.#bytes === 0 && !this.#onHold) this.#endOfTurn(() => this.flush());
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
    if (this.#bytes === 0) return;
    if (this.#leftOut > 0) this.#lines.push(this.#encoder.notice({ code: 'LEFT_OUT', count: this.#leftOut }));
    this.#write(Buffer.concat(this.#lines));
    this.#lines = [];
    this.#bytes = 0;
    this.#leftOut = 0;
  }
}
