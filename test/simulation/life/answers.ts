/** What a program is told of its messages: for each sending one answer. */
import type { SimPeer } from '../world/peer.ts';

/** To be called when nothing moves. @throws if a sending has more than one answer, or none though it could have it */
export function checkAnswered({ session, socket, sends, answered }: SimPeer): void {
  const mustHaveAll = session.standing === 'receiving' && !socket.busy;
  for (const id of new Set([...sends, ...answered])) {
    const asked = sends.filter((each) => each === id).length;
    const told = answered.filter((each) => each === id).length;
    if (told > asked) throw new Error(`${session.number} was told too often what became of ${id}`);
    if (told < asked && mustHaveAll) throw new Error(`${session.number} was not told what became of ${id}`);
  }
}
