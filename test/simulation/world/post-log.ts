/** What was true of a shard when it posted. The main thread handles a post later: what it has is judged by that. */
import type { Disk, DiskStore } from './disk.ts';

export interface PostState {
  /** The clock of the shard when it began to gather what it posts, and when it posted it. */
  readonly begun: number;
  readonly clock: number;
  /** How many writes had been synced by then. */
  readonly syncs: number;
  /** Whether the store could not be written by then, or at any time since the post before. */
  readonly failing: boolean;
}

/** The posts of one life of a shard, which the main thread has not handled yet. */
export class PostLog {
  readonly #disk: Disk;
  readonly #store: DiskStore;
  readonly #waiting: PostState[] = [];
  /** The clock when it began to gather; undefined if it has gathered nothing. */
  #begun: number | undefined;
  #failing = false;
  #handled: PostState;
  /** The clock of the shard, which moves at its ticks. */
  clock: number;

  constructor(disk: Disk, store: DiskStore, clock: number) {
    this.#disk = disk;
    this.#store = store;
    this.clock = clock;
    this.#handled = this.#state();
  }

  /** The state of the post that the main thread handles now. */
  get handled(): PostState {
    return this.#handled;
  }

  /** The store is about to answer, or has answered. */
  noteStore(): void {
    this.#failing ||= this.#store.failing;
  }

  /** The shard has something to post at the end of its turn, or is about to. */
  turnBegins(): void {
    this.#begun ??= this.clock;
  }

  turnEnds(): void {
    this.#begun = undefined;
  }

  posted(): void {
    this.noteStore();
    this.#waiting.push(this.#state());
    this.#failing = this.#store.failing;
  }

  /** The main thread is about to handle the next post. */
  taken(): void {
    const state = this.#waiting.shift();
    if (state === undefined) throw new Error('a post was taken twice');
    this.#handled = state;
  }

  #state(): PostState {
    const { clock } = this;
    return { begun: this.#begun ?? clock, clock, syncs: this.#disk.syncs, failing: this.#failing };
  }
}
