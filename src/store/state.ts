/**
 * What a broker leaves in the store about itself: until when it ran, by which clocks, and whether it ended in order.
 */
import { type KeptTime, storableSeconds } from './clock.ts';
import type { Database } from './database.ts';
import { STATE_KEY } from './format.ts';

export interface StoreState extends KeptTime {
  /** Whether nobody has written to the store since it was closed in order. */
  readonly ended: boolean;
}

export function stateValue({ aged, wall, ended }: StoreState): Uint8Array {
  return Buffer.from(`${storableSeconds(aged)} ${storableSeconds(wall)} ${ended ? 'ended' : 'running'}`);
}

/** @returns undefined if the value is no state */
export function readState(value: Uint8Array): StoreState | undefined {
  const found = /^(\d{1,10}) (\d{1,10}) (ended|running)$/.exec(Buffer.from(value).toString('latin1'));
  if (found === null) return undefined;
  const [, aged, wall, word] = found;
  return { aged: storableSeconds(Number(aged)), wall: storableSeconds(Number(wall)), ended: word === 'ended' };
}

/** What the last broker has left; undefined if there was none, or one that left no word. */
export async function stateOf(db: Database): Promise<StoreState | undefined> {
  const value = await db.get(STATE_KEY);
  return value === undefined ? undefined : readState(value);
}

/** Leaves word for the next. It is on disk when this has resolved. */
export async function keepState(db: Database, state: StoreState): Promise<void> {
  await db.put(STATE_KEY, stateValue(state), { sync: true });
}
