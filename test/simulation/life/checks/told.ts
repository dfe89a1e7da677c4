/** Everything that the broker tells programs beside messages: answers, receipts, and who comes and goes. */
import type { SimPeer } from '../../world/peer.ts';
import type { DoneState, Told as ToldLine } from '../../world/program.ts';
import { keyOf } from '../ledger.ts';
import { Answers } from './answers.ts';
import { Receipts } from './receipts.ts';

export class Told {
  readonly #receipts: Receipts;
  readonly #answers = new Answers();
  /** The last state of each name that each program was told. */
  readonly #presence = new WeakMap<SimPeer, Map<string, boolean>>();
  /** A copy, as `id@name`, is called held. */
  readonly #held: (key: string) => void;

  constructor(wantedReceipts: ReadonlyMap<string, string>, held: (key: string) => void) {
    this.#receipts = new Receipts(wantedReceipts);
    this.#held = held;
  }

  /** A copy is done with. */
  done(key: string, state: DoneState): void {
    this.#receipts.done(key, state);
  }

  /** Reads what a peer was told since the last call. */
  read(peer: SimPeer): void {
    for (const told of peer.program?.takeTold() ?? []) this.#note(peer, told);
  }

  #note(peer: SimPeer, { type, id, to, name, state, here }: ToldLine): void {
    if (type === 'receipt' && state !== undefined) this.#receipts.told(peer, keyOf(numberIn(id), `${name}`), state);
    else if (type === 'presence') this.#presenceOf(peer).set(`${name}`, here === true);
    else if (id !== undefined) this.#answers.note(peer, id);
    if (type !== 'accepted') return;
    for (const [each, became] of Object.entries(to ?? {})) if (became === 'held') this.#held(keyOf(numberIn(id), each));
  }

  /** A step is over. */
  step(peers: Iterable<SimPeer>): void {
    this.#receipts.step(new Map([...peers].filter(isHereForSure).map((peer) => [peer.name, peer])));
  }

  /** The next broker of this life has started. */
  begin(): void {
    this.#receipts.begin();
  }

  /** To be called when nothing moves. @param here the names that a peer holds. @throws if a program was told wrong */
  check(peer: SimPeer, here: ReadonlySet<string>): void {
    const mustHaveAll = peer.session.standing === 'receiving' && !peer.socket.busy;
    this.#answers.check(peer, mustHaveAll);
    if (!mustHaveAll || peer.program === undefined) return;
    this.#receipts.check(peer);
    for (const name of peer.program.watched) {
      if (this.#presenceOf(peer).get(name) !== here.has(name))
        throw new Error(`${peer.session.number} was told wrong whether ${name} is here`);
    }
  }

  #presenceOf(peer: SimPeer): Map<string, boolean> {
    const presence = this.#presence.get(peer) ?? new Map<string, boolean>();
    this.#presence.set(peer, presence);
    return presence;
  }
}

/** Whether it is a program that holds its name and reads on. One that ends is told of nothing any more. */
function isHereForSure({ program, session, streamEnded, cutShort, socket }: SimPeer): boolean {
  return program !== undefined && session.standing === 'receiving' && !streamEnded && !cutShort && !socket.destroyed;
}

/** The number in the id of a message. */
function numberIn(id: string | undefined): number {
  return Number(id?.slice(1));
}
