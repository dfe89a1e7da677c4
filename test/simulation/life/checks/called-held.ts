/** What is true when a sender is told that its mail is held. */
import type { World } from '../../world/world.ts';
import { idsIn, type Ledger } from '../ledger.ts';
import { copiesOn } from '../on-disk.ts';

/**
 * Some mail of the sender for `name` must be synced on disk, or delivered already.
 * @param sender its number in the ledger
 * @throws if there is none
 */
export function expectHeld(world: World, ledger: Ledger, sender: number | undefined, name: string): void {
  const synced = new Set(copiesOn(world.disk, 'synced'));
  for (const [key, copy] of ledger.copies) {
    if (copy.to !== name || !ledger.isFrom(sender, key, copy)) continue;
    // What vanished from the disk is called held to whoever sends it again.
    if (synced.has(key) || ledger.mayBeGone(key)) return;
  }
  for (const { name: to, handed } of world.peers()) {
    if (to === name && idsIn(handed).length > 0) return;
  }
  throw new Error(`mail for ${name} is called held, and none is on disk`);
}
