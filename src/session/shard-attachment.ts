/**
 * A session's attachment to the shard of its name, as the main thread knows it: what was put for it in the shard's
 * outbox, and whether that was posted. A shard that begins again is told accordingly (src/shards/reattach.ts).
 */
import type { Router } from '../router/router.ts';
import type { Frames } from '../shared/wire/frames.ts';
import type { AttachmentNumber, Progress } from '../shared/wire/records.ts';

export class ShardAttachment {
  readonly number: AttachmentNumber;
  readonly #router: Router;
  #name: Uint8Array | undefined;
  #shard = -1;
  #place = 0;
  #left = false;
  /** What the outbox had posted when the attach, and when the last return, was put. */
  #postsWhenAsked = 0;
  #postsWhenLeft = 0;

  constructor(number: AttachmentNumber, router: Router) {
    this.number = number;
    this.#router = router;
  }

  /** The name; undefined until its shard is asked for it. */
  get name(): Uint8Array | undefined {
    return this.#name;
  }

  /** The shard that owns the name, or -1 before there is one. */
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

  /** Whether the shard, in whatever life, has been told of it. */
  get introduced(): boolean {
    return this.#shard >= 0 && this.#posts > this.#postsWhenAsked;
  }

  /** Whether the shard, in whatever life, has been told of its end. */
  get gone(): boolean {
    return this.#left && this.#posts > this.#postsWhenLeft;
  }

  get #posts(): number {
    return this.#router.outbox(this.#shard).posts;
  }

  /** Asks the shard of a name for it. */
  ask(name: Uint8Array, progress: Progress): void {
    this.#name = name;
    this.#shard = this.#router.shardOf(name);
    this.#postsWhenAsked = this.#posts;
    this.#place = this.#router.attach(this.#shard, this.number, name, progress);
  }

  /** See WriterHome. */
  written(frames: number, bytes: number, lastNumber: number): void {
    this.#router.written(this.#shard, this.number, frames, bytes, lastNumber);
  }

  /** See WriterHome. Without a name there is no shard to return anything to, and nothing to return. */
  returned(last: boolean, progress: Progress, runs: Frames[]): void {
    if (last) this.#left = true;
    if (this.#name === undefined) return;
    if (last) this.#postsWhenLeft = this.#posts;
    this.#router.returned(this.#shard, this.number, this.#name, last, progress, runs);
  }
}
