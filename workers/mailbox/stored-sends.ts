/** The recent sends that a shard finds in the store when it begins. */
import { nameOfSendKey, readSendValue, SENDS_RANGE } from '../../src/store/format.ts';
import { entries } from './recovery.ts';
import { isDamage, type Store } from './store.ts';

/** A message of a program that was held, as the store has it. */
export interface StoredSend {
  readonly key: Uint8Array;
  /** When its message was held, in seconds since 1970. */
  readonly at: number;
}

/**
 * Where the store is damaged, sends are missing. That is no reason not to start: a repeat of one is delivered again.
 * @returns the recent sends to names that are `mine`, oldest first
 * @throws the store's own error if it cannot be read
 */
export async function storedSends(store: Store, mine: (name: Uint8Array) => boolean): Promise<StoredSend[]> {
  const sends: StoredSend[] = [];
  try {
    for await (const [key, value] of entries(store, SENDS_RANGE)) {
      const name = nameOfSendKey(key);
      const at = readSendValue(value);
      if (name !== undefined && at !== undefined && mine(name)) sends.push({ key, at });
    }
  } catch (error) {
    if (!(error instanceof Error && isDamage(error))) throw error;
  }
  return sends.sort((one, other) => one.at - other.at);
}
