import type { Counts, Stage } from '../../src/tools/swarm/task.ts';
import type { Letter } from './messages.ts';

/** What a client needs of its thread. Times are on the clock of the run. */
export interface MemberHost {
  readonly host: string;
  readonly port: number;
  readonly ratePerSecond: number;
  readonly churnPerSecond: number;
  /** Whether the broker asks for a proof, so that a second connection takes the name over. */
  readonly namesAreProved: boolean;
  readonly stage: Stage;
  readonly counts: Counts;
  /** Between 0 and 1. */
  random(): number;
  nowMs(): number;
  /** Whether one more client may begin to arrive now. */
  mayArrive(): boolean;
  /** A letter to some of the others, recorded as sent; undefined if none of those chosen may get more now. */
  compose(sender: number): Letter | undefined;
  /**
   * A letter, recorded as sent, to clients for which the last message of `sender` is in doubt. When it has arrived, the
   * one in doubt has arrived too, or never will.
   * @returns the letter; undefined if there is no such client
   */
  resolve(sender: number): Letter | undefined;
  /** Records that the broker has broken the protocol. @param what a sentence */
  violated(what: string): void;
  /** Ends the run as failed. */
  fail(reason: string): void;
}
