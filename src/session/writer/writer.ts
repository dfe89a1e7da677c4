/**
 * The one exit to a socket. What it MUST hold:
 * 1. Frames go out in the order they were handed, whole; a notice only between two of them.
 * 2. Every frame handed to it is reported written or returned, exactly once. Where its peer acknowledges what it gets,
 *    only an acknowledged frame counts as written.
 * 3. It waits for its socket alone: never for another peer.
 * 4. It keeps no more than the window of the shard, because it is handed no more.
 * 5. It finishes once: when the current write is over after the shutdown signal, or when the socket has closed. Then it
 *    returns all it still has to the shard, in one return. Each delivery after that is returned as it arrives.
 */
import { add, since } from '../../shared/common/serial-arithmetic.ts';
import { WRITE_BUFFER_BYTES, type WriteBuffers } from '../../shared/memory/write-buffers.ts';
import type { DeliveredFrames } from '../../shared/wire/frames/delivered-frames.ts';
import { FrameQueue } from '../../shared/wire/frames/frame-queue.ts';
import {
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_NUMBER,
  type Frames,
  framesFrom,
  framesMayBeStored,
  framesUpTo,
  framesWithin,
  frameWord,
  mayBeStored,
  NO_FRAMES,
  ownFrames,
} from '../../shared/wire/frames/frames.ts';
import type { Progress } from '../../shared/wire/records.ts';
import type { Outlet } from '../../transport/transport.ts';
import { nothing, type ShutdownSignal } from './shutdown-scope.ts';
import { Unacknowledged } from './unacknowledged.ts';
import type { WriterHome, WriterOptions } from './writer-home.ts';

/**
 * The most bytes of notices that wait for the end of a write. A peer that does not read costs no more than this for
 * them. A peer that reads gets to know what became of its messages.
 */
const MAX_WAITING_NOTICE_BYTES = 1_024;

/** The writer of one session. */
export class Writer {
  readonly #outlet: Outlet;
  readonly #home: WriterHome;
  #reportAfterBytes: number;
  readonly #writeBuffers: WriteBuffers;
  #state: 'open' | 'stopping' | 'finished' = 'open';
  /**
   * Whether a write is under way that the kernel did not take at once. `#underWay` has its frames; a notice has none.
   */
  #busy = false;
  #underWay: Frames = NO_FRAMES;
  #takenBytes = 0;
  #queue: FrameQueue | undefined;
  /** Undefined where the protocol does not acknowledge mail. */
  readonly #unacknowledged: Unacknowledged | undefined;
  #waitingNotices: Uint8Array | undefined;
  readonly #onDone: () => void;

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
    this.#reportAfterBytes = options.reportAfterBytes;
    this.#writeBuffers = options.writeBuffers;
    this.#unacknowledged = options.acknowledges === true ? new Unacknowledged() : undefined;
    // Not in a field: tsx names a function there, and a function with a name of its own takes 256 bytes more.
    this.#onDone = () => this.#done();
    shutdown.receive(nothing, () => this.#stop());
  }

  get finished(): boolean {
    return this.#state === 'finished';
  }

  /** What the writer was handed and has written. The next life of a shard is told this. */
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

  /** From now on, reports every write as soon as it is over, because the session waits for it. */
  reportEach(): void {
    this.#reportAfterBytes = 0;
  }

  /** The peer has acknowledged all frames up to this number. Frames that were not written are not counted. */
  acknowledged(number: number): void {
    if (this.#state === 'finished') return;
    const waiting = this.#unacknowledged;
    let stored = false;
    for (let frames = waiting?.takeUpTo(number); frames !== undefined; frames = waiting?.takeUpTo(number)) {
      this.#addWrittenFrames(frames);
      stored ||= framesMayBeStored(frames);
    }
    this.#report(stored);
  }

  /** Takes frames from the shard. Those that have to wait are copied. */
  deliver(delivered: DeliveredFrames): void {
    const { count, length } = delivered;
    this.#handedFrames = add(this.#handedFrames, count);
    this.#handedBytes = add(this.#handedBytes, length);
    this.#handedNumber = delivered.word(count - 1, FRAME_NUMBER);
    if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(delivered.frames())]);
    else if (this.#busy || this.#state === 'stopping' || this.#outlet.destroyed) this.#enqueue(delivered.frames());
    else if (length > WRITE_BUFFER_BYTES || this.#unacknowledged !== undefined) this.#write(delivered.frames());
    else this.#writeWhole(delivered);
  }

  /** The usual case: all frames go into one write. */
  #writeWhole(delivered: DeliveredFrames): void {
    const bytes = delivered.stageIn(this.#writeBuffers);
    this.#outlet.write(bytes, this.#onDone);
    if (this.#isUnderWay) {
      this.#wait(delivered.frames().headers, bytes);
      return;
    }
    const last = delivered.count - 1;
    this.#addWritten(delivered.count, delivered.length, this.#handedNumber);
    this.#report(mayBeStored(delivered.word(0, FRAME_HELD_AT), delivered.word(last, FRAME_HELD_AT)));
  }

  /**
   * Writes notices, after the current write. Notices are no mail: those beyond the limit are dropped, and so are all
   * that still wait when the writer stops.
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
    this.#busy = this.#isUnderWay;
  }

  /**
   * Whether the kernel has not taken all of a write at once. After one that failed at once, nothing more is written:
   * the socket is about to close.
   */
  get #isUnderWay(): boolean {
    return this.#outlet.writableLength > 0 || this.#outlet.errored !== null;
  }

  /** Keeps the frames of a write until it is over. @param bytes as they were staged */
  #wait(headers: Int32Array, bytes: Uint8Array): void {
    this.#busy = true;
    this.#writeBuffers.keep(bytes);
    this.#underWay = { headers: headers.slice(), bytes, count: headers.length / FRAME_HEADER_WORDS };
    this.#takenBytes = 0;
    this.noteProgress();
  }

  /**
   * Notes how much of the current write the kernel has taken. Must be called before the socket is destroyed on purpose.
   */
  noteProgress(): void {
    if (this.#outlet.errored !== null) return;
    const backlog = this.#outlet.unwrittenBytes();
    if (backlog !== undefined) this.#takenBytes = Math.max(this.#takenBytes, this.#underWay.bytes.length - backlog);
  }

  /** The socket has closed, so nothing more can be written. */
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
      const bytes = this.#writeBuffers.stage(slice.bytes);
      this.#outlet.write(bytes, this.#onDone);
      const left = framesFrom(rest, count, length);
      if (this.#isUnderWay) {
        this.#wait(slice.headers, bytes);
        if (left.count > 0) this.#enqueue(left);
        return;
      }
      // What waits to be acknowledged is copied from the staged bytes: the slice may be in a buffer that is free now.
      this.#noteWritten(this.#unacknowledged === undefined ? slice : { ...slice, bytes });
      rest = left;
    }
  }

  #slice(frames: Frames): { count: number; length: number } {
    if (frames.bytes.length <= WRITE_BUFFER_BYTES) return { count: frames.count, length: frames.bytes.length };
    const slice = framesWithin(frames, WRITE_BUFFER_BYTES);
    return slice.count > 0 ? slice : framesWithin(frames, frames.headers[0] as number);
  }

  #enqueue(frames: Frames): void {
    this.#queue ??= new FrameQueue();
    this.#queue.pushRun(frames);
  }

  /** A write is over. An outlet may call this for every write, and it counts only for one that did not end at once. */
  #done(): void {
    if (!this.#busy || this.#outlet.writableLength > 0 || this.#state === 'finished') return;
    // A write also ends, with nothing left to write, if the socket fails or is destroyed. `closed` returns its frames.
    if (this.#outlet.destroyed || this.#outlet.errored !== null) return;
    const written = this.#underWay;
    this.#busy = false;
    this.#underWay = NO_FRAMES;
    this.#noteWritten(written);
    this.#writeBuffers.release(written.bytes);
    if (this.#state === 'stopping') this.#finish();
    else this.#writeQueued();
  }

  #writeQueued(): void {
    const notices = this.#waitingNotices;
    if (notices !== undefined) {
      this.#waitingNotices = undefined;
      this.#writeNotice(notices);
    }
    const queue = this.#queue;
    if (queue === undefined) return;
    while (!this.#busy && queue.count > 0) this.#write(queue.takeView(WRITE_BUFFER_BYTES));
    if (queue.count === 0) this.#queue = undefined;
  }

  #noteWritten(frames: Frames): void {
    if (frames.count === 0) return; // a notice
    if (this.#unacknowledged !== undefined) {
      this.#unacknowledged.add(frames);
      return;
    }
    this.#addWrittenFrames(frames);
    this.#report(framesMayBeStored(frames));
  }

  /** @param stored whether any of the written frames may be in the store */
  #report(stored: boolean): void {
    const unreportedBytes = since(this.#writtenBytes, this.#reportedBytes);
    if (unreportedBytes <= this.#reportAfterBytes && !stored) return;
    this.#reportedBytes = this.#writtenBytes;
    this.#home.written(this.#writtenFrames, this.#writtenBytes, this.#writtenNumber);
  }

  #addWrittenFrames(frames: Frames): void {
    this.#addWritten(frames.count, frames.bytes.length, frameWord(frames, frames.count - 1, FRAME_NUMBER));
  }

  #addWritten(count: number, length: number, lastNumber: number): void {
    this.#writtenFrames = add(this.#writtenFrames, count);
    this.#writtenBytes = add(this.#writtenBytes, length);
    this.#writtenNumber = lastNumber;
  }

  #finish(): void {
    this.#state = 'finished';
    const runs: Frames[] = [];
    const unacknowledged = this.#unacknowledged?.takeAll() ?? NO_FRAMES;
    if (unacknowledged.count > 0) runs.push(unacknowledged);
    const taken = framesWithin(this.#underWay, this.#unacknowledged === undefined ? this.#takenBytes : 0);
    if (taken.count > 0) this.#addWrittenFrames(framesUpTo(this.#underWay, taken.count, taken.length));
    const left = framesFrom(this.#underWay, taken.count, taken.length);
    if (left.count > 0) runs.push(ownFrames(left));
    this.#writeBuffers.release(this.#underWay.bytes);
    if (this.#queue !== undefined) runs.push(this.#queue.takeRun(Number.POSITIVE_INFINITY));
    this.#underWay = NO_FRAMES;
    this.#queue = undefined;
    this.#busy = false;
    this.#home.returned(true, this.progress, runs);
  }
}
