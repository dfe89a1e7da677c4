/** What the broker has to say to one peer in a turn: one write, and no more than fits in it. */
import type { Notice } from '../protocol/notice-line.ts';
import type { Encoder } from '../protocol/protocol.ts';

const MAX_NOTICE_BYTES_A_TURN = 16 * 1024;

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
   * @param on whether anything is said at all
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

  /** Whether no more is said in this turn, so that an answer need not be made. */
  get full(): boolean {
    return !this.#on || this.#bytes > MAX_NOTICE_BYTES_A_TURN;
  }

  /** Says a notice at the end of the turn. What is too much is only counted: notices must not become traffic. */
  say(notice: Notice): void {
    if (!this.#on) return;
    if (this.full) {
      this.#leftOut++;
      return;
    }
    if (this.#bytes === 0 && !this.#onHold) this.#endOfTurn(() => this.flush());
    this.#push(notice);
  }

  /** What is said from now on waits for what `begin` says. */
  hold(): void {
    this.#onHold = true;
  }

  /** Says this at once, before what was held for it. */
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

  /** Says what there is, and then this, at once: whatever comes next comes behind it. */
  sayNow(notice: Notice): void {
    this.flush();
    this.say(notice);
    this.flush();
  }

  flush(): void {
    if (this.#bytes === 0) return;
    if (this.#leftOut > 0) this.#lines.push(this.#encoder.notice({ code: 'LEFT_OUT', count: this.#leftOut }));
    this.#write(Buffer.concat(this.#lines));
    this.#lines = [];
    this.#bytes = 0;
    this.#leftOut = 0;
  }
}
