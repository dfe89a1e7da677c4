/**
 * A simulated connection. The world decides which bytes of the peer arrive, and what the kernel takes of each write and
 * when.
 */
import type { ByteSink, Outlet, Peer, Transport } from '../../../src/transport/transport.ts';

const NOTHING = new Uint8Array(0);

/** Whether the kernel takes a write whole at once, or in parts when the world says so. */
export type Mood = 'takes' | 'blocks';

export class SimTransport implements Transport, Outlet {
  readonly kind = 'tcp';
  readonly peer: Peer = { address: undefined, port: undefined, text: 'nowhere', secure: false };
  readonly outlet = this;
  readonly readBytes = 0;
  readonly takenBytes = 0;
  readonly closed: Promise<void>;
  mood: Mood = 'takes';
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** All bytes that the kernel took and that count as written. The peer has them, or they vanished with the peer. */
  taken = '';
  /** Whether the end of the peer's stream has been read. */
  endRead = false;
  readonly #readBuffer: Buffer;
  readonly #turn: (step: () => void) => void;
  #resolveClosed: () => void = () => undefined;
  #sink: ByteSink | undefined;
  #paused = false;
  /** Bytes that the peer has written and the broker has not read. */
  #unread = Buffer.alloc(0);
  #peerEnded = false;
  #ended = false;
  /** The write under way. Its bytes are read from where they lie, when the kernel takes them. */
  #under: Uint8Array = NOTHING;
  #underTaken = '';
  /** How much of it the kernel took at once. */
  #takenFirst = 0;
  #done: (() => void) | undefined;

  /**
   * @param readBuffer one for all connections: its bytes are processed before the next read
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

  /** Ends the broker's side. The peer closes its own side when it sees that. */
  end(): void {
    this.#ended = true;
  }

  writes(bytes: Buffer): void {
    if (!this.#peerEnded) this.#unread = Buffer.concat([this.#unread, bytes]);
  }

  peerEnds(): void {
    this.#peerEnded = true;
  }

  /** Reads the next `bytes` bytes of the peer, or all if there are fewer. @returns whether anything was read */
  arrive(bytes: number): boolean {
    if (this.#sink === undefined || this.#paused || this.destroyed || this.endRead) return false;
    const length = Math.min(bytes, this.#unread.length, this.#readBuffer.length);
    if (length > 0) {
      this.#unread.copy(this.#readBuffer, 0, 0, length);
      this.#unread = this.#unread.subarray(length);
      this.#sink.read(this.#readBuffer, length);
      // The next connection reads into this buffer. Nothing may use the old bytes after this.
      this.#readBuffer.fill('eve:#0;\n');
      return true;
    }
    if (!this.#peerEnded) return false;
    this.endRead = true;
    this.#sink.end(false);
    return true;
  }

  /** The peer has seen the end of the broker's side, and closes. @returns whether there was anything to close */
  peerCloses(): boolean {
    if (!this.#ended || this.destroyed) return false;
    this.destroyed = true;
    this.#turn(() => this.#tellClosed());
    return true;
  }

  /** Whether a write is under way. */
  get busy(): boolean {
    return this.#done !== undefined;
  }

  unwrittenBytes(): number | undefined {
    return this.destroyed ? undefined : this.#under.length - this.#underTaken.length;
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.destroyed) return;
    if (this.#done !== undefined) throw new Error('a write while one is under way');
    if (this.mood === 'takes') {
      this.taken += textOf(bytes);
      return;
    }
    this.#under = bytes;
    this.#done = done;
    this.#takenFirst = Math.floor(bytes.length / 3);
    this.#underTaken = textOf(bytes.subarray(0, this.#takenFirst));
    this.writableLength = bytes.length;
  }

  /** The kernel takes `bytes` more of the write under way, or all that is left. */
  take(bytes: number): void {
    if (this.#done === undefined || this.destroyed) return;
    const at = this.#underTaken.length;
    this.#underTaken += textOf(this.#under.subarray(at, at + bytes));
    if (this.#underTaken.length < this.#under.length) return;
    this.taken += this.#underTaken;
    this.#over()?.();
  }

  /** The connection fails during a write. Only the bytes that the kernel took at once count as written. */
  fail(): void {
    if (this.destroyed) return;
    this.errored = new Error('ECONNRESET');
    this.#close(this.#takenFirst);
    this.#turn(() => this.#sink?.fail(this.errored as Error));
  }

  /** The broker destroys the connection, after the writer has noted how far the write has got. */
  destroy(): void {
    if (!this.destroyed) this.#close(this.#underTaken.length);
  }

  #close(takenBytes: number): void {
    this.destroyed = true;
    if (this.#done !== undefined) this.taken += wholeLines(this.#underTaken.slice(0, takenBytes));
    this.#over();
    this.#turn(() => this.#turn(() => this.#tellClosed()));
  }

  #tellClosed(): void {
    this.#sink?.closed();
    this.#resolveClosed();
  }

  #over(): (() => void) | undefined {
    const done = this.#done;
    this.#done = undefined;
    this.writableLength = 0;
    this.#under = NOTHING;
    this.#underTaken = '';
    return done;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Only whole lines count: a frame that was taken in part is returned whole. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
