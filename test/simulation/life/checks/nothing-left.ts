/** Checks that nothing is left in a world after every peer has left with all its mail. */
import type { World } from '../../world/world.ts';
import { copiesOn } from '../on-disk.ts';

/** @throws an error that says what is left */
export function expectNothingLeft({ sessions, disk, shards }: World): void {
  if (sessions.size > 0) throw new Error('a session has left, and is not forgotten');
  const left = [...copiesOn(disk)].length;
  if (left > 0) throw new Error(`${left} messages are left in the store, and nobody has them to come`);
  for (const { thread } of shards.places) {
    const stats = thread?.shard.stats();
    if (stats?.heldMessages !== 0 || thread?.budget.used !== 0)
      throw new Error('something is held, and nothing is there');
    if (stats.attachments !== 0) throw new Error('an attachment was never settled');
  }
}
