/** What a crash may lose, and what it may leave in the store though it is done with. */
import { type Disk, recordOf } from '../../world/disk.ts';
import type { SimPeer } from '../../world/peer.ts';
import type { Place } from '../../world/shards.ts';
import type { World } from '../../world/world.ts';
import { idsIn, keyOf, type Ledger, nameIn } from '../ledger.ts';
import { copiesOn, namesOn } from '../on-disk.ts';

interface Death {
  /** The names that the next life of the shard knows. */
  readonly known: ReadonlySet<string>;
  /** The copies that are left in the store. */
  readonly left: readonly string[];
  /** How many copies may be dropped because the next life does not know their name. */
  readonly mayBeUnknown: number;
}

/** A shard has died. Its memory is lost, and the posts that it has not processed. */
export function noteDeath(place: Place, world: World, ledger: Ledger): Death {
  const { disk, router, settings } = world;
  const peers = [...world.peers()].filter(({ session }) => session.name !== undefined);
  const safe = new Set(copiesOn(disk));
  for (const peer of peers) if (peer.session.shard === place.index) addInHand(peer, world, safe);
  const known = new Set(namesOn(disk));
  for (const { name } of peers) known.add(name);
  // A report of written frames can be lost with the shard. While the session is open, the next life is told of them
  // again.
  const said = new Set(peers.flatMap((peer) => keptBy(peer)));
  const isOfPlace = (key: string) => router.shardOf(Buffer.from(nameIn(key))) === place.index;
  const left = [...copiesOn(disk, 'now', said)].filter(isOfPlace);
  ledger.leftInStore(left);
  ledger.forgiveOverdue(isOfPlace);
  let mayBeUnknown = 0;
  for (const copy of ledger.missing()) {
    if (copy.shard !== place.index) continue;
    const key = keyOf(copy.id, copy.to);
    const isPosted = copy.posts !== place.outbox.posts;
    const waits = !isPosted && (known.has(copy.to) || settings.holdUnknown);
    if (!waits && !safe.has(key)) ledger.lostMemoryOf(key);
    if (!isPosted && !known.has(copy.to)) mayBeUnknown++;
  }
  return { known, left, mayBeUnknown };
}

/** The messages that a writer was handed and has not returned, by `recordOf`: they are written, or in its hands. */
function keptBy({ name, keptNumbers }: SimPeer): string[] {
  return [...keptNumbers].map((number) => recordOf(Buffer.from(name), number));
}

/** Adds the copies in the hands of a peer's writer, and those that it has returned and that are not posted yet. */
function addInHand({ name, session, handed, returned }: SimPeer, { router }: World, safe: Set<string>): void {
  const { posts } = router.outbox(session.shard);
  const back = new Set(returned.filter((each) => each.posts < posts).flatMap(({ text }) => idsIn(text)));
  for (const id of idsIn(handed)) if (!back.has(id)) safe.add(keyOf(id, name));
}

/** The broker and its machine have crashed. Only what is on the disk is left. @returns that */
export function noteKill(disk: Disk, ledger: Ledger): readonly string[] {
  const left = [...copiesOn(disk)];
  const safe = new Set(left);
  ledger.leftInStore(left);
  for (const copy of ledger.missing()) {
    const key = keyOf(copy.id, copy.to);
    if (!safe.has(key)) ledger.lostMemoryOf(key);
  }
  return left;
}
