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
import type { EncodedFrames } from '../../protocol/protocol.ts';
import { WRITE_BUFFER_BYTES, type WriteBuffers } from '../../shared/memory/write-buffers.ts';
import type { DeliveredFrames } from '../../shared/wire/frames/delivered-frames.ts';
import { FrameQueue } from '../../shared/wire/frames/frame-queue.ts';
import {
  FRAME_HELD_AT,
  FRAME_NUMBER,
  type Frames,
  framesFrom,
  framesMayBeStored,
  framesUpTo,
  kindsOf,
  mayBeStored,
  NO_FRAMES,
  ownFrames,
} from '../../shared/wire/frames/frames.ts';
import type { Progress } from '../../shared/wire/records.ts';
import type { Outlet } from '../../transport/transport.ts';
import { DeliveryProgress } from './delivery-progress.ts';
import { nothing, type ShutdownSignal } from './shutdown-scope.ts';
import { Unacknowledged } from './unacknowledged.ts';
import { NOTHING_UNDER_WAY, sliceOf, takenFrames, type UnderWay } from './under-way.ts';
import { WaitingNotices } from './waiting-notices.ts';
import type { FrameEncoder, WriterHome, WriterOptions } from './writer-home.ts';

/** The writer of one session. */
export class Writer {
  readonly #outlet: Outlet;
  readonly #home: WriterHome;
  readonly #writeBuffers: WriteBuffers;
  #state: 'open' | 'stopping' | 'finished' = 'open';
  #encoder: FrameEncoder;
  /** Whether a write is under way that the kernel did not take at once. `#underWay` has its frames, if it has any. */
  #busy = false;
  #underWay = NOTHING_UNDER_WAY;
  #takenBytes = 0;
  #queue: FrameQueue | undefined;
  /** Undefined where the peer does not acknowledge mail. */
  #unacknowledged: Unacknowledged | undefined;
  /** Whether frames are gathered for the end of the turn. */
  #gathering = false;
  readonly #turns: WriterOptions['turns'];
  readonly waitingNotices = new WaitingNotices();
  readonly #onDone: () => void;

  readonly #progress: DeliveryProgress;

  constructor(outlet: Outlet, shutdown: ShutdownSignal, home: WriterHome, options: WriterOptions) {
    this.#outlet = outlet;
    this.#home = home;
    this.#progress = new DeliveryProgress(home, options);
    this.#writeBuffers = options.writeBuffers;
    this.#encoder = options.encoder;
    this.#turns = options.turns;
    // Not in a field: tsx names a function there, which takes 256 bytes more.
    this.#onDone = () => this.#done();
    shutdown.receive(nothing, () => this.#stop());
  }

  get finished(): boolean {
    return this.#state === 'finished';
  }

  /** What the writer was handed and has written. The next life of a shard is told this. */
  get progress(): Progress {
    return this.#progress.now;
  }

  /** The numbers of frames that were rejected behind the last written one. The next life of a shard is told them. */
  get rejectedNumbers(): readonly number[] {
    return this.#unacknowledged?.rejectedNumbers ?? [];
  }

  /** From now on, reports every write as soon as it is over, because the session waits for it. */
  reportEach(): void {
    this.#progress.reportEach();
  }

  /**
   * From now on frames are written in another form. To be called before the first frame is handed over.
   * @param acknowledges whether a frame counts as written only once `acknowledged` covers it
   */
  speak(encoder: FrameEncoder, acknowledges: boolean): void {
    this.#encoder = encoder;
    this.waitingNotices.keepAll(); // a backlog bounds them
    this.#unacknowledged = acknowledges ? new Unacknowledged() : undefined;
  }

  /** The peer has acknowledged all frames up to this number. Frames that were not written are not counted. */
  acknowledged(number: number): void {
    if (this.#state === 'finished') return;
    const waiting = this.#unacknowledged;
    let stored = false;
    for (let frames = waiting?.takeUpTo(number); frames !== undefined; frames = waiting?.takeUpTo(number)) {
      this.#progress.done(frames);
      stored ||= framesMayBeStored(frames);
    }
    this.#progress.doneUpTo(waiting?.doneNumber);
    this.#progress.report(stored);
  }

  /** The peer has rejected one frame, which counts as written in its place. @returns it, if it was unacknowledged */
  rejected(number: number): Frames | undefined {
    const frame = this.#state === 'finished' ? undefined : this.#unacknowledged?.reject(number);
    if (frame === undefined) return undefined;
    this.#progress.written(1, frame.bytes.length, this.#progress.writtenNumber);
    this.#progress.doneUpTo(this.#unacknowledged?.doneNumber);
    this.#progress.report(false);
    return frame;
  }

  /** Takes frames from the shard. Those that have to wait are copied. */
  deliver(delivered: DeliveredFrames): void {
    const { count, length } = delivered;
    this.#progress.handed(count, length, delivered.word(count - 1, FRAME_NUMBER));
    if (this.#state === 'finished') this.#home.returned(false, this.progress, [ownFrames(delivered.frames())]);
    else if (this.#busy || this.#state === 'stopping' || this.#outlet.destroyed) this.#enqueue(delivered.frames());
    else if (this.#unacknowledged !== undefined) this.#gather(delivered.frames());
    else if (length > WRITE_BUFFER_BYTES || this.#encoder.encodes(delivered.kinds)) this.#write(delivered.frames());
    else this.#writeWhole(delivered);
  }

  /** A peer that acknowledges is handed frames after each acknowledgement. All of a turn are written at once. */
  #gather(frames: Frames): void {
    this.#enqueue(frames);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#turns.atEnd(() => {
      this.#gathering = false;
      if (!this.#busy && this.#state === 'open' && !this.#outlet.destroyed) this.#writeQueued();
    });
  }

  /** The usual case: all frames go into one write. */
  #writeWhole(delivered: DeliveredFrames): void {
    const bytes = delivered.stageIn(this.#writeBuffers);
    this.#outlet.write(bytes, this.#onDone);
    if (this.#isUnderWay) {
      const { headers, count } = delivered.frames();
      this.#wait({ frames: { headers: headers.slice(), bytes, count }, staged: bytes, ends: undefined });
      return;
    }
    const last = delivered.count - 1;
    this.#progress.written(delivered.count, delivered.length, this.#progress.handedNumber);
    this.#progress.report(mayBeStored(delivered.word(0, FRAME_HELD_AT), delivered.word(last, FRAME_HELD_AT)));
  }

  /**
   * Writes notices, after the current write. Notices are no mail: those beyond the limit are dropped, and so are all
   * that still wait when the writer stops.
   */
  notice(lines: Uint8Array): void {
    if (this.#state !== 'open' || this.#outlet.destroyed) return;
    if (this.#busy || this.#gathering) this.waitingNotices.add(lines);
    else this.#writeNotice(lines);
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

  /** Keeps a write until it is over. */
  #wait(underWay: UnderWay): void {
    this.#busy = true;
    this.#writeBuffers.keep(underWay.staged);
    this.#underWay = underWay;
    this.#takenBytes = 0;
    this.noteProgress();
  }

  /**
   * Notes how much of the current write the kernel has taken. Must be called before the socket is destroyed on purpose.
   */
  noteProgress(): void {
    if (this.#outlet.errored !== null) return;
    const backlog = this.#outlet.unwrittenBytes();
    if (backlog !== undefined) this.#takenBytes = Math.max(this.#takenBytes, this.#underWay.staged.length - backlog);
  }

  /** The socket has closed, so nothing more can be written. */
  closed(): void {
    if (this.#state !== 'finished') this.#finish();
  }

  #stop(): void {
    if (this.#state !== 'open') return;
    this.#state = 'stopping';
    if (!this.#busy) this.#writeWaitingNotices();
    if (!this.#busy) this.#finish();
  }

  #write(frames: Frames): void {
    let rest = frames;
    while (rest.count > 0) {
      const { count, length } = sliceOf(rest);
      const slice = framesUpTo(rest, count, length);
      const left = framesFrom(rest, count, length);
      // What the writer keeps is copied before the write: the slice may lie in a buffer that is free after it.
      this.#unacknowledged?.add(slice);
      const encoded = this.#encoder.encodes(kindsOf(slice)) ? this.#encoder.encode(slice) : undefined;
      const own = encoded !== undefined && this.#writeBuffers.isInTheWay(slice.bytes) ? ownFrames(slice) : slice;
      const staged = this.#writeBuffers.stage(encoded === undefined ? slice.bytes : encoded.bytes);
      this.#outlet.write(staged, this.#onDone);
      if (this.#isUnderWay) {
        this.#wait({ frames: this.#kept(own, staged, encoded), staged, ends: encoded?.ends });
        if (left.count > 0) this.#enqueue(ownFrames(left));
        return;
      }
      if (this.#unacknowledged === undefined) this.#noteWritten(own);
      rest = left;
    }
  }

  /** The frames of a write that goes on. Those that wait to be acknowledged are kept already. */
  #kept(slice: Frames, staged: Uint8Array, encoded: EncodedFrames | undefined): Frames {
    if (this.#unacknowledged !== undefined) return NO_FRAMES;
    if (encoded !== undefined) return ownFrames(slice);
    return { headers: slice.headers.slice(), bytes: staged, count: slice.count };
  }

  #enqueue(frames: Frames): void {
    this.#queue ??= new FrameQueue(this.#unacknowledged !== undefined);
    this.#queue.pushRun(frames);
  }

  /** A write is over. An outlet may call this for every write. It counts only for one that did not end at once. */
  #done(): void {
    if (!this.#busy || this.#outlet.writableLength > 0 || this.#state === 'finished') return;
    // A write also ends, with nothing left to write, if the socket fails or is destroyed. `closed` returns its frames.
    if (this.#outlet.destroyed || this.#outlet.errored !== null) return;
    const { frames, staged } = this.#underWay;
    this.#busy = false;
    this.#underWay = NOTHING_UNDER_WAY;
    this.#noteWritten(frames);
    this.#writeBuffers.release(staged);
    if (this.#state === 'stopping') this.#finish();
    else this.#writeQueued();
    if (!this.#busy) this.#home.caughtUp();
  }

  #writeQueued(): void {
    const queue = this.#queue;
    // An encoder for a peer that acknowledges puts the notices before the frames, in the same write.
    const gathered = this.#unacknowledged !== undefined && queue !== undefined && queue.count > 0;
    if (!gathered) this.#writeWaitingNotices();
    if (queue === undefined) return;
    for (; !this.#busy && queue.count > 0; queue.endView()) this.#write(queue.takeView(WRITE_BUFFER_BYTES));
    if (queue.count === 0 && this.#unacknowledged === undefined) this.#queue = undefined;
  }

  #writeWaitingNotices(): void {
    const notices = this.waitingNotices.take();
    if (notices !== undefined) this.#writeNotice(notices);
  }

  #noteWritten(frames: Frames): void {
    if (frames.count === 0) return; // it was a notice, or its frames wait to be acknowledged
    this.#progress.done(frames);
    this.#progress.report(framesMayBeStored(frames));
  }

  #finish(): void {
    this.#state = 'finished';
    const runs: Frames[] = [];
    const unacknowledged = this.#unacknowledged?.takeAll() ?? NO_FRAMES;
    if (unacknowledged.count > 0) runs.push(unacknowledged);
    const { frames, staged } = this.#underWay;
    const taken = takenFrames(this.#underWay, this.#takenBytes);
    if (taken.count > 0) this.#progress.done(framesUpTo(frames, taken.count, taken.length));
    const left = framesFrom(frames, taken.count, taken.length);
    if (left.count > 0) runs.push(ownFrames(left));
    this.#writeBuffers.release(staged);
    if (this.#queue !== undefined && this.#queue.count > 0) runs.push(this.#queue.takeRun(Number.POSITIVE_INFINITY));
    this.#underWay = NOTHING_UNDER_WAY;
    this.#queue = undefined;
    this.#busy = false;
    this.waitingNotices.take();
    this.#home.returned(true, this.progress, runs);
    this.#home.caughtUp();
  }
}
