/**
 * When the main thread looks for what shards have posted. In a turn of the event loop it looks at the end, and shards
 * need not wake it before that. At the end of a turn it also waits a moment for answers, as long as they come within
 * that moment: to sleep and to be woken takes longer.
 */
import { BriefWait } from '../../shared/memory/brief-wait.ts';

/** Turns of the event loop, which tell a watcher when each begins and when it is over. */
export interface WatchedTurns {
  watch(watcher: TurnLooks): void;
}

/** What is looked at. */
export interface Looked {
  /** Whether a look would find something. */
  readonly waiting: boolean;
  /** `lookNow` will follow, so this thread need not be woken. */
  lookLater(): void;
  lookNow(): void;
}

/** The most time of a wait, in milliseconds. A shard that is awake answers a few records in less. */
const WAIT_MS = 0.012;

/** The looks at all shards. */
export class TurnLooks {
  readonly #looked = new Set<Looked>();
  readonly #wait: BriefWait | undefined;

  /** @param wait for answers at the end of a turn; without it there is none */
  constructor(wait?: BriefWait) {
    this.#wait = wait;
  }

  /** @returns the looks for a broker with so many shards */
  static at(shards: number): TurnLooks {
    return new TurnLooks(BriefWait.beside(shards, WAIT_MS));
  }

  add(looked: Looked): void {
    this.#looked.add(looked);
  }

  delete(looked: Looked): void {
    this.#looked.delete(looked);
  }

  begun(): void {
    for (const looked of this.#looked) looked.lookLater();
  }

  over(): void {
    this.#wait?.until(this.#anyWaiting);
    for (const looked of this.#looked) looked.lookNow();
  }

  readonly #anyWaiting = (): boolean => {
    for (const { waiting } of this.#looked) if (waiting) return true;
    return false;
  };
}
