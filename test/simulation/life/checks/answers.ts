/** What a program is told of its messages and questions: for each request one answer. */
import type { SimPeer } from '../../world/peer.ts';

/** The answers of all programs. */
export class Answers {
  /** The ids that each program was answered with. */
  readonly #answered = new WeakMap<SimPeer, string[]>();

  /** The program was told this. */
  note(peer: SimPeer, id: string): void {
    const answered = this.#answered.get(peer) ?? [];
    answered.push(id);
    this.#answered.set(peer, answered);
  }

  /**
   * To be called when nothing moves.
   * @param mustHaveAll whether it must have every answer by now
   * @throws if a request has more than one answer, or none though it must
   */
  check(peer: SimPeer, mustHaveAll: boolean): void {
    const { session, program } = peer;
    const requests = program?.requests ?? [];
    const answered = this.#answered.get(peer) ?? [];
    for (const id of new Set([...requests, ...answered])) {
      const asked = requests.filter((each) => each === id).length;
      const told = answered.filter((each) => each === id).length;
      if (told > asked) throw new Error(`${session.number} was told too often what became of ${id}`);
      if (told < asked && mustHaveAll) throw new Error(`${session.number} was not told what became of ${id}`);
    }
  }
}
