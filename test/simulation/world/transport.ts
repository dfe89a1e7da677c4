/**
 * A peer's connection on paper: the world says which bytes of the peer arrive, and what the kernel takes of each write,
 * and when.
 */
import type { ByteSink, Outlet, Peer, Transport } from '../../../src/transport/transport.ts';

/** Whether the kernel takes all of a write at once, or a part, and the rest when the world says so. */
export type Mood = 'takes' | 'blocks';

export class SimTransport implements Transport, Outlet {
  readonly peer: Peer = { address: undefined, port: undefined, text: 'nowhere', secure: false };
  readonly outlet = this;
  readonly takenBytes = 0;
  readonly closed: Promise<void>;
  mood: Mood = 'takes';
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** Every byte the kernel took, and that counts as written: the peer has it, or it vanished with the peer. */
  taken = '';
  /** The end of the peer's side has been read. */
  endRead = false;
  readonly #readBuffer: Buffer;
  readonly #turn: (step: () => void) => void;
  #resolveClosed: () => void = () => undefined;
  #sink: ByteSink | undefined;
  #paused = false;
  /** What the peer has written, and nobody has read. */
  #unread = Buffer.alloc(0);
  #peerEnded = false;
  #ended = false;
  #under = '';
  #underTaken = 0;
  /** What the kernel took of the write under way at once. */
  #takenFirst = 0;
  #done: (() => void) | undefined;

  /**
   * @param readBuffer one for all connections: what was read is worked off before the next read
   * @param turn calls a step in a later turn
   */
  constructor(readBuffer: Buffer, turn: (step: () => void) => void) {
    this.#readBuffer = readBuffer;
    this.#turn = turn;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** This side ends; the peer closes its own when it sees that. */
  end(): void {
    this.#ended = true;
  }

  /** The peer writes. */
  writes(bytes: Buffer): void {
    if (!this.#peerEnded) this.#unread = Buffer.concat([this.#unread, bytes]);
  }

  /** The peer ends its side. */
  peerEnds(): void {
    this.#peerEnded = true;
  }

  /** The next read brings `bytes` bytes, or as many as there are. @returns whether it has brought anything */
  arrive(bytes: number): boolean {
    if (this.#sink === undefined || this.#paused || this.destroyed || this.endRead) return false;
    const length = Math.min(bytes, this.#unread.length, this.#readBuffer.length);
    if (length > 0) {
      this.#unread.copy(this.#readBuffer, 0, 0, length);
      this.#unread = this.#unread.subarray(length);
      this.#sink.read(this.#readBuffer, length);
      // The next connection reads into it.
      this.#readBuffer.fill('eve:#0;\n');
      return true;
    }
    if (!this.#peerEnded) return false;
    this.endRead = true;
    this.#sink.end(false);
    return true;
  }

  /** The peer has seen that the other side has ended, and closes. @returns whether there was anything to close */
  peerCloses(): boolean {
    if (!this.#ended || this.destroyed) return false;
    this.destroyed = true;
    this.#turn(this.#resolveClosed);
    return true;
  }

  /** Whether a write is under way. */
  get busy(): boolean {
    return this.#done !== undefined;
  }

  unwrittenBytes(): number | undefined {
    return this.destroyed ? undefined : this.#under.length - this.#underTaken;
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.destroyed) return;
    if (this.#done !== undefined) throw new Error('a write while one is under way');
    const text = Buffer.from(bytes).toString('latin1');
    if (this.mood === 'takes') {
      this.taken += text;
      return;
    }
    this.#under = text;
    this.#done = done;
    this.#underTaken = this.#takenFirst = Math.floor(text.length / 3);
    this.writableLength = text.length;
  }

  /** The kernel takes `bytes` more of the write under way, all of it if it has no more. */
  take(bytes: number): void {
    if (this.#done === undefined || this.destroyed) return;
    this.#underTaken += bytes;
    if (this.#underTaken < this.#under.length) return;
    this.taken += this.#under;
    this.#over()?.();
  }

  /** The connection fails, and the write under way with it: what is known of that is what was seen when it began. */
  fail(): void {
    if (this.destroyed) return;
    this.errored = new Error('ECONNRESET');
    this.#close(this.#takenFirst);
    this.#turn(() => this.#sink?.fail(this.errored as Error));
  }

  /** It is destroyed on purpose, after the writer was asked to note how far it has got. */
  destroy(): void {
    if (!this.destroyed) this.#close(this.#underTaken);
  }

  #close(takenBytes: number): void {
    this.destroyed = true;
    if (this.#done !== undefined) this.taken += wholeLines(this.#under.slice(0, takenBytes));
    this.#over();
    this.#turn(() => this.#turn(this.#resolveClosed));
  }

  #over(): (() => void) | undefined {
    const done = this.#done;
    this.#done = undefined;
    this.writableLength = 0;
    this.#under = '';
    this.#underTaken = 0;
    return done;
  }
}

/** Frames that were taken in part come back whole. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
