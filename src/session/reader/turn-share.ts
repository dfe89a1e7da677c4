/**
 * What a session may do in one turn of the event loop before others have theirs: lines, bytes that it reads, and what
 * it asks shards for.
 */
import type { Turns } from './turns.ts';

/** Lines, and names that had to be split: more than 64 KiB of ordinary lines are. */
const TURN_LINES = 2_048;
const TURN_BYTES = 128 * 1024;
/** What it may ask of shards in one turn, and in its first when it had to wait for one: others wait there too. */
const TURN_COST_BYTES = 2 * 1024 * 1024;
const RESUMED_COST_BYTES = 256 * 1024;

export class TurnShare {
  readonly #turns: Turns;
  /** The turn that the rest is of. */
  #turn = -1;
  #lines = 0;
  #bytes = 0;
  costBytes = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** In a new turn there is a new share. */
  begin(): void {
    const { current } = this.#turns;
    if (current === this.#turn) return;
    this.#turn = current;
    this.#lines = TURN_LINES;
    this.#bytes = TURN_BYTES;
    this.costBytes = TURN_COST_BYTES;
  }

  /** As `begin`, for a session that goes on where it had to wait for a shard. */
  resume(): void {
    this.begin();
    this.costBytes = Math.min(this.costBytes, RESUMED_COST_BYTES);
  }

  read(bytes: number): void {
    this.begin();
    this.#bytes -= bytes;
  }

  /** A line was worked off. @param work how many more lines it was worth, see Decoder */
  spend(work: number, costBytes: number): void {
    this.#lines -= 1 + work;
    this.costBytes -= costBytes;
  }

  /** Whether no line more may be worked off. */
  get used(): boolean {
    return this.#lines <= 0 || this.costBytes <= 0;
  }

  /** Whether nothing more may be read. */
  get readUp(): boolean {
    return this.#bytes <= 0;
  }
}
