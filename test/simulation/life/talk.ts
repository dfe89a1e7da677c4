/** What peers say: lines to each other, commands, and lines that say nothing. */
import type { SimPeer } from '../world/peer.ts';
import type { Chance } from './chance.ts';
import { keyOf } from './ledger.ts';

const NAMES = ['ann', 'bob', 'cat', 'dan', 'eve'];

export class Talk {
  /** The names of this life: the fewer there are, the more come to the same. */
  readonly names: readonly string[];
  readonly #chance: Chance;
  #lastId = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
    this.names = NAMES.slice(0, chance.of([1, 2, 3, 5]));
  }

  /**
   * A line for the peer to say, if there is one; what it asks for is noted.
   * @param known names that mail is held for
   */
  line(peer: SimPeer, known: ReadonlySet<string>): string | undefined {
    const chance = this.#chance;
    if (chance.once(20)) return this.#otherLine(peer);
    const names = this.names.filter((name) => known.has(name));
    if (names.length === 0) return undefined;
    const some = names.filter(() => chance.once(3));
    const to = some.length > 0 ? some : [chance.of(names)];
    const id = ++this.#lastId;
    peer.asked.push(...to.map((name) => keyOf(id, name)));
    return `${to}:#${id};${chance.of(['x', 'é']).repeat(chance.int(0, 40))}`;
  }

  /** A line that sends nothing. */
  #otherLine(peer: SimPeer): string {
    const line = this.#chance.of(['/who', `/who ${this.#chance.of(this.names)}`, '/help', 'no colon']);
    peer.asksWho ||= line.startsWith('/who ');
    return line;
  }
}
