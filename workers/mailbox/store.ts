/**
 * What a shard needs of a store, and how the errors of a store are classified. A shard never waits: the store calls it
 * back. Tests and the simulation use stores of their own, which answer late, fail, or lose what was not synced.
 */
import type { StoreFailure } from '../../src/shared/wire/records.ts';
import type { Entry, KeyRange, StoreOp } from '../../src/store/format.ts';
import { StoreGone } from '../../src/store/guard/identity.ts';

/** A store, as a shard sees it. Every `done` is called exactly once, and only after the call has returned. */
export interface Store {
  /**
   * Carries out all of `ops`, in order, or none of them.
   * @param sync whether they must be on disk before `done` is called without an error
   */
  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void;
  /**
   * Reads the first entries of `range` as the store is now: at least one if there is any, and about `maxBytes` at
   * most. If something is damaged, `done` gets the error and the entries that can still be read.
   */
  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void;
}

/** Whether the error is about damaged data. A second try does not help then. */
export function isDamage(error: Error): boolean {
  return /^corruption/i.test(error.message);
}

/** Why a write has failed, as far as the reaction depends on it. */
export function writeFailure(error: Error): StoreFailure {
  if (error instanceof StoreGone) return 'gone';
  if (/no space left|quota exceeded/i.test(error.message)) return 'no room';
  if (isDamage(error)) return 'damaged';
  return 'write';
}
