/** A peer's connection on paper: the world says what the kernel takes of each write, and when. */
import type { Outlet } from '../../../src/transport/transport.ts';

/** What the next write meets. */
export type Mood = 'takes' | 'blocks' | 'fails';

export class SimSocket implements Outlet {
  mood: Mood = 'takes';
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** Every byte the kernel took, and that counts as written: the peer has it, or it vanished with the peer. */
  taken = '';
  #under = '';
  #underTaken = 0;
  /** What the kernel took of the write under way at once. */
  #takenFirst = 0;
  #done: (() => void) | undefined;
  readonly #late: (() => void)[] = [];

  /** Whether a write is under way. */
  get busy(): boolean {
    return this.#done !== undefined;
  }

  get backlog(): number {
    return this.#under.length - this.#underTaken;
  }

  write(bytes: Uint8Array, done: () => void): boolean {
    if (this.destroyed) return false;
    if (this.#done !== undefined) throw new Error('a write while one is under way');
    const text = Buffer.from(bytes).toString('latin1');
    if (this.mood === 'takes') {
      this.taken += text;
      this.#late.push(done);
      return true;
    }
    this.#under = text;
    this.#done = done;
    this.#underTaken = this.#takenFirst = this.mood === 'blocks' ? Math.floor(text.length / 3) : 0;
    this.writableLength = text.length;
    if (this.mood === 'fails') this.errored = new Error('EPIPE');
    return false;
  }

  /** Node calls back for writes that were taken at once in a later tick. */
  tick(): void {
    for (const done of this.#late.splice(0)) done();
  }

  /** The kernel takes `bytes` more of the write under way, all of it if it has no more. */
  take(bytes: number): void {
    if (this.#done === undefined || this.destroyed || this.errored !== null) return;
    this.#underTaken += bytes;
    if (this.#underTaken < this.#under.length) return;
    this.taken += this.#under;
    this.#over();
  }

  /** The write under way, or the next, fails. */
  fail(): void {
    this.errored = new Error('ECONNRESET');
    if (this.#done === undefined) return;
    // What is known of a failed write is what was seen when it began.
    this.taken += wholeLines(this.#under.slice(0, this.#takenFirst));
    this.#over();
  }

  /** It is destroyed on purpose, after the writer was asked to note how far it has got. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    if (this.#done === undefined) return;
    if (this.errored === null) this.taken += wholeLines(this.#under.slice(0, this.#underTaken));
    this.#over();
  }

  #over(): void {
    const done = this.#done;
    this.#done = undefined;
    this.writableLength = 0;
    this.#under = '';
    this.#underTaken = 0;
    done?.();
  }
}

/** Frames that were taken in part come back whole. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
