/** A writer with a socket and a shard of paper: the test says what the kernel takes and when. */
import { ShutdownScope } from '../../../src/session/shutdown-scope.ts';
import { Writer, type WriterHome } from '../../../src/session/writer.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { SLAB_BYTES, WriteSlabs } from '../../../src/shared/memory/write-buffers.ts';
import type { Frames } from '../../../src/shared/wire/frames.ts';
import type { Account } from '../../../src/shared/wire/to-shard.ts';
import type { Outlet } from '../../../src/transport/transport.ts';
import { framesOf, linesOf } from './frames.ts';

/** What a write meets: it is taken at once, it has to wait, or it fails at once. */
export type Mood = 'takes' | 'blocks' | 'fails';

export class PaperSocket implements Outlet {
  mood: Mood = 'takes';
  writableLength = 0;
  destroyed = false;
  errored: Error | null = null;
  /** Bytes of the write under way that the kernel has taken so far. */
  taken = 0;
  /** Bytes that the kernel takes at once of a write that then waits. */
  takesFirst = 0;
  /** Every write that was tried on the open socket. */
  readonly writes: string[] = [];
  readonly buffers: Uint8Array[] = [];
  /** Writes while one was under way: there must be none. */
  overlapping = 0;
  #under = 0;
  #done: (() => void) | undefined;
  #late: (() => void)[] = [];

  write(bytes: Uint8Array, done: () => void): boolean {
    // As Node does: a write to a destroyed socket changes nothing one can see at once.
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

  /** Calls what was told of writes that the kernel took at once: Node does that in a later tick. */
  tick(): void {
    for (const done of this.#late.splice(0)) done();
  }

  /** The write under way is over: the kernel took all of it. */
  complete(): void {
    this.#over(this.#under);
  }

  /** The write under way fails: Node counts it as over, says why, and calls back. */
  fail(): void {
    this.errored = new Error('ECONNRESET');
    this.#over(this.taken);
  }

  /** The socket is destroyed over a write under way: Node calls back without an error, and then closes. */
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

/** Two slabs: the third writer that waits has to do without. */
export function twoSlabs(): WriteSlabs {
  return new WriteSlabs(new Memory(new ArrayBuffer(2 * SLAB_BYTES)), 0, 2);
}

export class WriterBench {
  readonly socket = new PaperSocket();
  readonly scope = new ShutdownScope();
  readonly writer: Writer;
  readonly handed: string[] = [];
  readonly reports: [frames: number, bytes: number][] = [];
  readonly returns: { last: boolean; account: Account; runs: string[][] }[] = [];
  /** The runs of all returns, as they were given back. */
  readonly runs: Frames[] = [];
  /** False: nobody knows how far a write has got. */
  knowsBacklog = true;

  constructor(reportAfterBytes = 0, slabs = twoSlabs(), acknowledges = false) {
    const home: WriterHome = {
      written: (frames, bytes) => this.reports.push([frames, bytes]),
      returned: (last, account, runs) => {
        this.returns.push({ last, account, runs: runs.map((run) => linesOf(run)) });
        this.runs.push(...runs);
      },
    };
    this.writer = new Writer(this.socket, this.scope.signal, home, {
      reportAfterBytes,
      backlog: () => (this.knowsBacklog ? this.socket.backlog : undefined),
      slabs,
      acknowledges,
    });
  }

  deliver(...lines: string[]): this {
    this.handed.push(...lines);
    this.writer.deliver(framesOf(lines));
    return this;
  }

  /** The reader ends. */
  stop(): void {
    this.scope[Symbol.dispose]();
  }

  /** The lines of all returns, in the order they came back. */
  get returnedLines(): string[] {
    return this.returns.flatMap(({ runs }) => runs.flat());
  }

  /** How many frames the last return says are written. */
  get writtenFrames(): number | undefined {
    return this.returns.at(-1)?.account.writtenFrames;
  }
}
