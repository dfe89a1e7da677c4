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

/**
 * The first peer of each name holds it, or the last one that has proved it. A peer that only fetches its mail has it,
 * and has left.
 * @throws if not so
 */
export function checkStandings(world: World, { asked, told, mayWait }: StandingChecks): void {
  const seen = new Set<string>();
  const here = new Set([...world.peers()].filter(isHere).map(({ name }) => name));
  for (const peer of inOrder([...world.peers()])) {
    const { name, session, left, streamEnded, cutShort, socket } = peer;
    if (left || socket.destroyed || (cutShort && session.name === undefined)) continue;
    if (!cutShort && session.name !== undefined) expectNoneProven(peer, world);
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

/** Who is about to end holds its name until then. Then comes the last peer that has proved it, and then the others. */
function inOrder(peers: SimPeer[]): SimPeer[] {
  const rank = ({ session, cutShort }: SimPeer) => {
    if (session.standing === 'receiving' && cutShort) return Number.NEGATIVE_INFINITY;
    return session.attachment.proven ? -session.attachment.place : session.attachment.place;
  };
  return peers.sort((a, b) => rank(a) - rank(b));
}

/** Whoever had a name, or waited for it, when another peer proved it, was told to end. */
function expectNoneProven({ name, session }: SimPeer, world: World): void {
  const { number, attachment } = session;
  const isLater = (other: SimPeer['session']) =>
    other.name !== undefined && other.attachment.proven && other.attachment.place > attachment.place;
  const taker = [...world.peers()].find((peer) => peer.name === name && !peer.left && isLater(peer.session));
  if (taker !== undefined) throw new Error(`${number} goes on, though ${taker.session.number} has taken ${name} over`);
}

/** Whether it holds its name. */
function isHere({ session, left }: SimPeer): boolean {
  return session.standing === 'receiving' && !left;
}
