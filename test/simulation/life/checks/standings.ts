/** Checks what has become of the peers when nothing moves. */
import type { SimPeer } from '../../world/peer.ts';
import type { World } from '../../world/world.ts';

export interface StandingChecks {
  /** All lines of the peer must be routed. */
  readonly asked: (peer: SimPeer) => void;
  /** The peer must have been told everything. @param here the names that a peer holds */
  readonly told: (peer: SimPeer, here: ReadonlySet<string>) => void;
  /** Whether a peer may wait, until its leave time-out, for mail that does not come. */
  readonly mayWait: (peer: SimPeer) => boolean;
}

/** The first peer of each name holds it. A peer that only fetches its mail has it, and has left. @throws if not so */
export function checkStandings(world: World, { asked, told, mayWait }: StandingChecks): void {
  const seen = new Set<string>();
  const here = new Set([...world.peers()].filter(isHere).map(({ name }) => name));
  for (const peer of [...world.peers()].sort((a, b) => a.session.attachment.place - b.session.attachment.place)) {
    const { name, session, left, streamEnded, cutShort, socket } = peer;
    if (left || socket.destroyed || (cutShort && session.name === undefined)) continue;
    const should = seen.has(name) ? 'waiting' : 'receiving';
    if (world.settings.strict && session.standing !== should)
      throw new Error(`${session.number} is ${session.standing}, and not ${should}`);
    seen.add(name);
    if (cutShort) continue;
    asked(peer);
    told(peer, here);
    if (streamEnded && !socket.busy && !mayWait(peer))
      throw new Error(`${session.number} has got its mail, and does not leave`);
  }
}

/** Whether it holds its name. */
function isHere({ session, left }: SimPeer): boolean {
  return session.standing === 'receiving' && !left;
}
