/**
 * A session's attachment, as the main thread knows it: what was put for it in the outbox of its shard, and whether that
 * was posted. The next life of a crashed shard is told accordingly (src/shards/reattach.ts).
 */
import type { Router } from '../router/router.ts';
import type { Frames } from '../shared/wire/frames/frames.ts';
import type { AttachmentNumber, Progress } from '../shared/wire/records.ts';

/** The attachment of one session, before and after it has a name. */
export class ShardAttachment {
  readonly number: AttachmentNumber;
  readonly #router: Router;
  #name: Uint8Array | undefined;
  #shard = -1;
  #place = 0;
  #left = false;
  #windowFrames: number | undefined;
  #proven = false;
  /** The number of posts of the outbox when the attach, and when the last return, was put into it. */
  #postsWhenAsked = 0;
  #postsWhenLeft = 0;

  constructor(number: AttachmentNumber, router: Router) {
    this.number = number;
    this.#router = router;
  }

  /** The name; undefined until its shard has been asked for it. */
  get name(): Uint8Array | undefined {
    return this.#name;
  }

  /** The shard that owns the name; -1 until it has been asked. */
  get shard(): number {
    return this.#shard;
  }

  /** See Reattachable. */
  get place(): number {
    return this.#place;
  }

  /** See Session. */
  get left(): boolean {
    return this.#left;
  }

  /** Whether the attach was posted to any life of the shard. */
  get introduced(): boolean {
    return this.#shard >= 0 && this.#posts > this.#postsWhenAsked;
  }

  /** Whether the last return was posted to any life of the shard. */
  get gone(): boolean {
    return this.#left && this.#posts > this.#postsWhenLeft;
  }

  get #posts(): number {
    return this.#router.outbox(this.#shard).posts;
  }

  /** See Reattachable. */
  get windowFrames(): number | undefined {
    return this.#windowFrames;
  }

  /** Whether the peer has proved that the name is its own. */
  get proven(): boolean {
    return this.#proven;
  }

  /**
   * Asks the shard of a name for it.
   * @param progress of the writer, from which the shard counts on
   * @param windowFrames the most frames that the writer may have in hand; undefined if only their bytes count
   * @param proven whether the peer has proved that the name is its own, and takes it over from who has it
   */
  ask(name: Uint8Array, progress: Progress, windowFrames: number | undefined, proven: boolean): void {
    this.#windowFrames = windowFrames;
    this.#proven = proven;
    this.#name = name;
    this.#shard = this.#router.shardOf(name);
    this.#postsWhenAsked = this.#posts;
    this.#place = this.#router.attach(this.#shard, this.number, name, progress, windowFrames, proven);
  }

  /** See WriterHome. */
  written(frames: number, bytes: number, lastNumber: number): void {
    this.#router.written(this.#shard, this.number, frames, bytes, lastNumber);
  }

  /** See WriterHome. Without a name there is no shard, and no mail that could be returned. */
  returned(last: boolean, progress: Progress, runs: Frames[]): void {
    if (last) this.#left = true;
    if (this.#name === undefined) return;
    if (last) this.#postsWhenLeft = this.#posts;
    this.#router.returned(this.#shard, this.number, this.#name, last, progress, runs);
  }
}
