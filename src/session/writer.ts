/**
 * The one exit to a socket. What it MUST hold:
 * 1. Frames go out in the order they were handed, whole; a notice only between two of them.
 * 2. Every frame handed to it is reported written or returned, exactly once. Where its peer acknowledges what it gets,
 *    only an acknowledged frame counts as written.
 * 3. It waits for its socket alone: never for another peer.
 * 4. It keeps no more than the shard's window, because it is handed no more.
 * 5. It finishes once: after the shutdown signal when the write under way is over, or when the socket has closed; then
 *    everything it still has goes back to the shard in one return, and what comes later goes back as it comes.
 */
import { add, since } from '../shared/common/serial-arithmetic.ts';
import { SLAB_BYTES, type WriteSlabs } from '../shared/memory/write-buffers.ts';
import { FrameQueue } from '../shared/wire/frame-queue.ts';
import {
  FRAME_HELD_AT,
  FRAME_NUMBER,
  type Frames,
  framesFrom,
  framesUpTo,
  framesWithin,
  frameWord,
  NO_FRAMES,
  ownFrames,
} from '../shared/wire/frames.ts';
import type { Progress } from '../shared/wire/records.ts';
import type { Outlet } from '../transport/transport.ts';
import { nothing, type ShutdownSignal } from './shutdown-scope.ts';
import { Unacknowledged } from './unacknowledged.ts';

/**
 * Notices that wait for the end of a write. A peer that does not read costs no more for them, and one that reads much
 * hears what became of what it sent.
 */
const MAX_WAITING_NOTICE_BYTES = 1_024;

/** Where a writer reports. */
export interface WriterHome {
  /** Frames and bytes written since the attachment began, modulo 2^32, and the number of the last one. */
  written(frames: number, bytes: number, lastNumber: number): void;
  /** Mail it did not write; `last` when it has finished, and exactly once. */
  returned(last: boolean, progress: Progress, runs: Frames[]): void;
}

export interface WriterOptions {
  /** Written bytes that are not reported at once, to save the words about them. */
  readonly reportAfterBytes: number;
  /** Bytes of the write under way that the kernel has not taken; undefined if nobody knows. */
  readonly backlog: () => number | undefined;
  /** Where bytes lie while they are written: one for all writers. */
  readonly slabs: WriteSlabs;
  /** Whether frames count as written only when `acknowledged` says so. */
  readonly acknowledges?: boolean;
}

export class Writer {
  readonly #outlet: Outlet;
  readonly #home: WriterHome;
  readonly #backlog: WriterOptions['backlog'];
  #reportAfterBytes: number;
  readonly #slabs: WriteSlabs;
  #state: 'open' | 'stopping' | 'finished' = 'open';
  /** A write is under way that the kernel did not take at once: of these frames, or of a notice. */
  #busy = false;
  #underWay: Frames = NO_FRAMES;
  #takenBytes = 0;
  #queue: FrameQueue | undefined;
  /** Undefined where nothing is acknowledged. */
  readonly #unacknowledged: Unacknowledged | undefined;
  #waitingNotices: Uint8Array | undefined;

  #handedFrames = 0;
  #handedBytes = 0;
  #handedNumber = 0;
  #writtenFrames = 0;
  #writtenBytes = 0;
  #writtenNumber = 0;
  #reportedBytes = 0;

  constructor(outlet: Outlet, shutdown: ShutdownSignal, home: WriterHome, options: WriterOptions) {
    this.#outlet = outlet;
    this.#home = home;
    this.#backlog = options.backlog;
    this.#reportAfterBytes = options.reportAfterBytes;
    this.#slabs = options.slabs;
    this.#unacknowledged = options.acknowledges === true ? new Unacknowledged() : undefined;
    shutdown.receive(nothing, () => this.#stop());
  }

  get finished(): boolean {
    return this.#state === 'finished';
  }

  /** What it was handed and has written, for a shard that has to be told anew. */
  get progress(): Progress {
    return {
      handedFrames: this.#handedFrames,
      handedBytes: this.#handedBytes,
      handedNumber: this.#handedNumber,
      writtenFrames: this.#writtenFrames,
      writtenBytes: this.#writtenBytes,
      writtenNumber: this.#writtenNumber,
    };
  }

  /** From now on every write is reported as soon as it is over: somebody waits for it. */
  reportEach(): void {
    this.#reportAfterBytes = 0;
  }

  /** The peer has all frames up to this number; it cannot have what was not written. */
  acknowledged(number: number): void {
    if (this.#state === 'finished') return;
    const waiting = this.#unacknowledged;
    let stored = false;
    for (let frames = waiting?.takeUpTo(number); frames !== undefined; frames = waiting?.takeUpTo(number)) {
      this.#addWritten(frames);
      stored ||= mayBeStored(frames);
    }
    this.#report(stored);
  }

  /** Takes frames from the shard. They may be views: what has to wait is copied. */
  deliver(frames: Frames): void {
    this.#handedFrames = add(this.#handedFrames, frames.count);
    this.#handedBytes = add(this.#handedBytes, frames.bytes.length);
    this.#handedNumber = frameWord(frames, frames.count - 1, FRAME_NUMBER);
    if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(frames)]);
    else if (this.#busy || this.#state === 'stopping' || this.#outlet.destroyed) this.#enqueue(frames);
    else this.#write(frames);
  }

  /**
   * Says lines of the broker's own, when the write under way is over. A notice is no mail: what is too much to wait is
   * dropped, and so is what waits when the writer stops.
   */
  notice(lines: Uint8Array): void {
    if (this.#state !== 'open' || this.#outlet.destroyed) return;
    if (!this.#busy) this.#writeNotice(lines);
    else {
      const waiting = this.#waitingNotices;
      if ((waiting?.length ?? 0) + lines.length > MAX_WAITING_NOTICE_BYTES) return;
      this.#waitingNotices = waiting === undefined ? lines : Buffer.concat([waiting, lines]);
    }
  }

  #writeNotice(lines: Uint8Array): void {
    this.#outlet.write(lines, this.#onDone);
    // After a write that failed at once nothing more is written: the socket is about to close.
    this.#busy = this.#outlet.writableLength > 0 || this.#outlet.errored !== null;
  }

  /** Notes how far the write under way has got; called before the socket is destroyed on purpose. */
  noteProgress(): void {
    if (this.#outlet.errored !== null) return;
    const backlog = this.#backlog();
    if (backlog !== undefined) this.#takenBytes = Math.max(this.#takenBytes, this.#underWay.bytes.length - backlog);
  }

  /** The socket has closed: what was not written by now will not be. */
  closed(): void {
    if (this.#state !== 'finished') this.#finish();
  }

  #stop(): void {
    if (this.#state !== 'open') return;
    this.#state = 'stopping';
    if (!this.#busy) this.#finish();
  }

  #write(frames: Frames): void {
    let rest = frames;
    while (rest.count > 0) {
      const { count, length } = this.#slice(rest);
      const slice = framesUpTo(rest, count, length);
      const bytes = this.#slabs.stage(slice.bytes);
      this.#outlet.write(bytes, this.#onDone);
      const left = framesFrom(rest, count, length);
      if (this.#outlet.writableLength > 0 || this.#outlet.errored !== null) {
        this.#busy = true;
        this.#slabs.keep(bytes);
        this.#underWay = { headers: slice.headers.slice(), bytes, count };
        this.#takenBytes = 0;
        this.noteProgress();
        if (left.count > 0) this.#enqueue(left);
        return;
      }
      // What waits to be acknowledged is copied from the staged bytes: the slice may be in a buffer that is free now.
      this.#noteWritten(this.#unacknowledged === undefined ? slice : { ...slice, bytes });
      rest = left;
    }
  }

  #slice(frames: Frames): { count: number; length: number } {
    if (frames.bytes.length <= SLAB_BYTES) return { count: frames.count, length: frames.bytes.length };
    const slice = framesWithin(frames, SLAB_BYTES);
    return slice.count > 0 ? slice : framesWithin(frames, frames.headers[0] as number);
  }

  #enqueue(frames: Frames): void {
    this.#queue ??= new FrameQueue();
    this.#queue.pushRun(frames);
  }

  /** A write is over. It means something only for one that was under way: an outlet may call it for every write. */
  readonly #onDone = (): void => {
    if (!this.#busy || this.#outlet.writableLength > 0 || this.#state === 'finished') return;
    // A write to a socket that fails or is destroyed is over too, with nothing left to write; `closed` gives it back.
    if (this.#outlet.destroyed || this.#outlet.errored !== null) return;
    const written = this.#underWay;
    this.#busy = false;
    this.#slabs.release(written.bytes);
    this.#underWay = NO_FRAMES;
    this.#noteWritten(written);
    if (this.#state === 'stopping') this.#finish();
    else this.#writeQueued();
  };

  #writeQueued(): void {
    const notices = this.#waitingNotices;
    if (notices !== undefined) {
      this.#waitingNotices = undefined;
      this.#writeNotice(notices);
    }
    const queue = this.#queue;
    if (queue === undefined) return;
    while (!this.#busy && queue.count > 0) this.#write(queue.takeView(SLAB_BYTES));
    if (queue.count === 0) this.#queue = undefined;
  }

  #noteWritten(frames: Frames): void {
    if (frames.count === 0) return; // a notice
    if (this.#unacknowledged !== undefined) {
      this.#unacknowledged.add(frames);
      return;
    }
    this.#addWritten(frames);
    this.#report(mayBeStored(frames));
  }

  /** @param stored whether any of what was written may be in the store */
  #report(stored: boolean): void {
    const unreportedBytes = since(this.#writtenBytes, this.#reportedBytes);
    if (unreportedBytes <= this.#reportAfterBytes && !stored) return;
    this.#reportedBytes = this.#writtenBytes;
    this.#home.written(this.#writtenFrames, this.#writtenBytes, this.#writtenNumber);
  }

  #addWritten(frames: Frames): void {
    this.#writtenFrames = add(this.#writtenFrames, frames.count);
    this.#writtenBytes = add(this.#writtenBytes, frames.bytes.length);
    this.#writtenNumber = frameWord(frames, frames.count - 1, FRAME_NUMBER);
  }

  #finish(): void {
    this.#state = 'finished';
    const runs: Frames[] = [];
    const unacknowledged = this.#unacknowledged?.takeAll() ?? NO_FRAMES;
    if (unacknowledged.count > 0) runs.push(unacknowledged);
    const taken = framesWithin(this.#underWay, this.#unacknowledged === undefined ? this.#takenBytes : 0);
    if (taken.count > 0) this.#addWritten(framesUpTo(this.#underWay, taken.count, taken.length));
    const left = framesFrom(this.#underWay, taken.count, taken.length);
    if (left.count > 0) runs.push(ownFrames(left));
    this.#slabs.release(this.#underWay.bytes);
    if (this.#queue !== undefined) runs.push(this.#queue.takeRun(Number.POSITIVE_INFINITY));
    this.#underWay = NO_FRAMES;
    this.#queue = undefined;
    this.#busy = false;
    this.#home.returned(true, this.progress, runs);
  }
}

/**
 * Whether any of the frames may be in the store, where they are only to stay until they are written: that word must not
 * wait for more to say. Held frames never stand between live ones, so a look at both ends is enough.
 */
function mayBeStored(frames: Frames): boolean {
  return frameWord(frames, 0, FRAME_HELD_AT) !== 0 || frameWord(frames, frames.count - 1, FRAME_HELD_AT) !== 0;
}
