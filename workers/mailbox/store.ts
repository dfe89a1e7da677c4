/**
 * What a shard needs of a store, and what its errors mean. A shard never waits: it asks, and is called back. Tests and
 * the simulation give it stores of their own, which answer late, fail, or lose what was not synced.
 */
import type { StoreFailure } from '../../src/shared/wire/records.ts';
import type { Entry, KeyRange, StoreOp } from '../../src/store/format.ts';
import { StoreGone } from '../../src/store/guard/identity.ts';

/** A store, as a shard sees it. Every `done` is called exactly once, and never before the call returns. */
export interface Store {
  /**
   * Carries out all of `ops`, in their order, or none of them.
   * @param sync whether it must be on disk when `done` is called without an error
   */
  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void;
  /**
   * Reads the first entries of `range`, as it is now: one at least if there is any, and about `maxBytes` at most.
   * Where something is damaged, `done` is given the error and what can be read all the same.
   */
  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void;
}

/** Whether LevelDB has found something that cannot be read, now or later. */
export function isDamage(error: Error): boolean {
  return /^corruption/i.test(error.message);
}

/** Why a write has failed, as far as that matters for what is done about it. */
export function writeFailure(error: Error): StoreFailure {
  if (error instanceof StoreGone) return 'gone';
  if (/no space left|quota exceeded/i.test(error.message)) return 'no room';
  if (isDamage(error)) return 'damaged';
  return 'write';
}
