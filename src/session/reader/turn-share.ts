/**
 * The share of a session in one turn of the event loop: lines that it processes, bytes that it reads, and the cost that
 * it asks of shards. Beyond its share it waits for the next turn.
 */
import type { Turns } from './turns.ts';

/** Lines and names that are split, in a turn. 64 KiB of ordinary lines are fewer. */
const TURN_LINES = 2_048;
/** Bytes that are read in a turn. */
const TURN_BYTES = 128 * 1024;
/** The cost in a turn; and the lower one in the first turn after a wait for a shard, where others wait too. */
const TURN_COST_BYTES = 2 * 1024 * 1024;
const RESUMED_COST_BYTES = 256 * 1024;

/** The share of one session. */
export class TurnShare {
  readonly #turns: Turns;
  /** The turn that the rest of the share is for. */
  #turn = -1;
  #lines = 0;
  #bytes = 0;
  /** The cost that is left in this turn. */
  costBytes = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** Renews the share if a new turn has begun. */
  begin(): void {
    const { current } = this.#turns;
    if (current === this.#turn) return;
    this.#turn = current;
    this.#lines = TURN_LINES;
    this.#bytes = TURN_BYTES;
    this.costBytes = TURN_COST_BYTES;
  }

  /** As `begin`, for a session that continues after a wait for a shard. */
  resume(): void {
    this.begin();
    this.costBytes = Math.min(this.costBytes, RESUMED_COST_BYTES);
  }

  /** Counts bytes that were read. */
  read(bytes: number): void {
    this.begin();
    this.#bytes -= bytes;
  }

  /**
   * Counts a line that was processed.
   * @param work its work in further short lines (Decoder)
   * @param costBytes its cost
   */
  spend(work: number, costBytes: number): void {
    this.#lines -= 1 + work;
    this.costBytes -= costBytes;
  }

  /** Whether no further line may be processed in this turn. */
  get used(): boolean {
    return this.#lines <= 0 || this.costBytes <= 0;
  }

  /** Whether nothing more may be read in this turn. */
  get readUp(): boolean {
    return this.#bytes <= 0;
  }
}
