/** A writer with a fake socket and a fake shard. The test says what the kernel takes and when. */
import { ShutdownScope } from '../../../src/session/writer/shutdown-scope.ts';
import { Writer } from '../../../src/session/writer/writer.ts';
import type { FrameEncoder, WriterHome } from '../../../src/session/writer/writer-home.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { WRITE_BUFFER_BYTES, WriteBuffers } from '../../../src/shared/memory/write-buffers.ts';
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { Progress } from '../../../src/shared/wire/records.ts';
import type { Outlet } from '../../../src/transport/transport.ts';
import { deliveredOf, framesOf, linesOf } from './frames.ts';

/** What happens to a write: the kernel takes it at once, it has to wait, or it fails at once. */
export type Mood = 'takes' | 'blocks' | 'fails';

export class PaperSocket implements Outlet {
  mood: Mood = 'takes';
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** The bytes of the write under way that the kernel has taken so far. */
  taken = 0;
  /** The bytes that the kernel takes at once of a write that must wait. */
  takesFirst = 0;
  /** If false, it is not known how far a write has got. */
  knowsBacklog = true;
  /** Every write to the open socket. */
  readonly writes: string[] = [];
  readonly buffers: Uint8Array[] = [];
  /** The number of writes while another was under way. It must stay 0. */
  overlapping = 0;
  #under = 0;
  #done: (() => void) | undefined;
  #late: (() => void)[] = [];

  write(bytes: Uint8Array, done: () => void): boolean {
    // As in Node, a write to a destroyed socket has no effect that shows at once.
    if (this.destroyed) return false;
    if (this.#done !== undefined) this.overlapping++;
    this.writes.push(Buffer.from(bytes).toString());
    this.buffers.push(bytes);
    if (this.mood === 'takes') this.#late.push(done);
    else this.#done = done;
    this.#under = this.mood === 'blocks' ? bytes.length : 0;
    this.writableLength = this.#under;
    if (this.mood === 'fails') this.errored = new Error('EPIPE');
    this.taken = Math.min(this.takesFirst, this.#under);
    return false;
  }

  get backlog(): number {
    return this.#under - this.taken;
  }

  unwrittenBytes(): number | undefined {
    return this.knowsBacklog ? this.backlog : undefined;
  }

  /** Calls the callbacks of writes that the kernel took at once. Node does that in a later tick. */
  tick(): void {
    for (const done of this.#late.splice(0)) done();
  }

  /** The kernel takes all of the write under way. */
  complete(): void {
    this.#over(this.#under);
  }

  /** The write under way fails. Node counts it as over, sets the error, and calls back. */
  fail(): void {
    this.errored = new Error('ECONNRESET');
    this.#over(this.taken);
  }

  /** The socket is destroyed during a write. Node calls back without an error, and then closes the socket. */
  destroy(): void {
    this.destroyed = true;
    this.#over(this.taken);
  }

  #over(taken: number): void {
    const done = this.#done;
    this.#done = undefined;
    this.taken = taken;
    this.writableLength = 0;
    this.#under = 0;
    done?.();
  }
}

/** Only two buffers, so that the third waiting writer gets none. */
export function twoWriteBuffers(): WriteBuffers {
  return new WriteBuffers(new Memory(new ArrayBuffer(2 * WRITE_BUFFER_BYTES)), 0, 2);
}

/** Writes frames as they are. */
const PLAIN: FrameEncoder = {
  encodes: () => false,
  encode: ({ bytes }) => ({ bytes, ends: new Int32Array(0) }),
};

export class WriterBench {
  readonly socket = new PaperSocket();
  readonly scope = new ShutdownScope();
  readonly writer: Writer;
  readonly handed: string[] = [];
  readonly reports: [frames: number, bytes: number][] = [];
  readonly returns: { last: boolean; progress: Progress; runs: string[][] }[] = [];
  /** The runs of all returns, as the writer returned them. */
  readonly runs: Frames[] = [];
  caughtUp = 0;
  /** Lines whose senders are told that they are done with, with their state. */
  readonly receipts: string[] = [];

  constructor(reportAfterBytes = 0, writeBuffers = twoWriteBuffers(), acknowledges = false) {
    const home: WriterHome = {
      name: Buffer.from('bob'),
      written: (frames, bytes) => this.reports.push([frames, bytes]),
      caughtUp: () => {
        this.caughtUp++;
      },
      returned: (last, progress, runs) => {
        this.returns.push({ last, progress, runs: runs.map((run) => linesOf(run)) });
        this.runs.push(...runs);
      },
    };
    this.writer = new Writer(this.socket, this.scope.signal, home, {
      reportAfterBytes,
      writeBuffers,
      receipts: {
        tell: (frames, _, state) => this.receipts.push(...linesOf(frames).map((line) => `${line} ${state}`)),
      },
      turns: { atEnd: (step) => step() },
      encoder: PLAIN,
    });
    if (acknowledges) this.writer.speak(PLAIN, true);
  }

  deliver(...lines: string[]): this {
    this.handed.push(...lines);
    this.writer.deliver(deliveredOf(framesOf(lines)));
    return this;
  }

  /** The reader ends. */
  stop(): void {
    this.scope[Symbol.dispose]();
  }

  /** The lines of all returns, in order. */
  get returnedLines(): string[] {
    return this.returns.flatMap(({ runs }) => runs.flat());
  }

  /** The number of written frames in the last return. */
  get writtenFrames(): number | undefined {
    return this.returns.at(-1)?.progress.writtenFrames;
  }
}
