/** What a broker leaves in the store about itself: its clocks, and whether it ended in order. */
import { type KeptTime, storableSeconds } from './clock.ts';
import type { Database } from './database.ts';
import { STATE_KEY } from './format.ts';

/** The state record of a store. */
export interface StoreState extends KeptTime {
  /** Whether the store was closed in order, and not written to since. */
  readonly ended: boolean;
}

/** @returns the state as the value of its key */
export function stateValue({ aged, wall, ended }: StoreState): Uint8Array {
  return Buffer.from(`${storableSeconds(aged)} ${storableSeconds(wall)} ${ended ? 'ended' : 'running'}`);
}

/** @returns the state in a value; undefined if it is none */
export function readState(value: Uint8Array): StoreState | undefined {
  const found = /^(\d{1,10}) (\d{1,10}) (ended|running)$/.exec(Buffer.from(value).toString('latin1'));
  if (found === null) return undefined;
  const [, aged, wall, word] = found;
  return { aged: storableSeconds(Number(aged)), wall: storableSeconds(Number(wall)), ended: word === 'ended' };
}

/**
 * @returns the state that the last broker left; undefined if it left none
 * @throws the error of the database
 */
export async function stateOf(db: Database): Promise<StoreState | undefined> {
  const value = await db.get(STATE_KEY);
  return value === undefined ? undefined : readState(value);
}

/** Writes the state for the next run. Resolves when it is on disk. */
export async function keepState(db: Database, state: StoreState): Promise<void> {
  await db.put(STATE_KEY, stateValue(state), { sync: true });
}
