/**
 * The receipts that programs have asked for. Each time that a message is done with, its sender is told so once, if it
 * is here then. A message is done with twice only if it comes twice, which the ledger checks.
 */
import type { SimPeer } from '../../world/peer.ts';
import type { DoneState } from '../../world/program.ts';

export class Receipts {
  /** The sender of each copy that it wants a receipt of, by `id@name`. */
  readonly #wanted: ReadonlyMap<string, string>;
  /** How many receipts there may be at most, less those that were told; by copy and state. */
  readonly #untold = new Map<string, number>();
  /** What each program must have been told by the time that nothing moves, less what it was told. */
  readonly #owed = new Map<SimPeer, Map<string, number>>();
  /** What is done with since the last step. */
  #fresh: { readonly sender: string; readonly receipt: string }[] = [];
  /** The programs that were here after the last step, by name. */
  #here: ReadonlyMap<string, SimPeer> = new Map();

  constructor(wanted: ReadonlyMap<string, string>) {
    this.#wanted = wanted;
  }

  /** A copy is done with. */
  done(key: string, state: DoneState): void {
    const sender = this.#wanted.get(key);
    if (sender === undefined) return;
    const receipt = `${key} ${state}`;
    add(this.#untold, receipt, 1);
    this.#fresh.push({ sender, receipt });
  }

  /** A program was told a receipt. @throws if nothing such is done with, or if that was told before */
  told(peer: SimPeer, key: string, state: DoneState): void {
    const receipt = `${key} ${state}`;
    if (this.#wanted.get(key) !== peer.name) throw new Error(`${peer.session.number} is told of ${receipt}`);
    if (add(this.#untold, receipt, -1) < 0) throw new Error(`${receipt} is told, and is not so`);
    add(this.#owedTo(peer), receipt, -1);
  }

  /**
   * A step is over.
   * @param here the programs that are here now, by name. Who was here before and is here now was here all the time
   */
  step(here: ReadonlyMap<string, SimPeer>): void {
    for (const { sender, receipt } of this.#fresh.splice(0)) {
      const peer = here.get(sender);
      if (peer !== undefined && this.#here.get(sender) === peer) add(this.#owedTo(peer), receipt, 1);
    }
    this.#here = here;
  }

  /** To be called when nothing moves. @throws if the program, which is still here, was not told something */
  check(peer: SimPeer): void {
    for (const [receipt, count] of this.#owed.get(peer) ?? [])
      if (count > 0) throw new Error(`${peer.session.number} was not told that ${receipt}`);
  }

  /** The next broker of this life has started. */
  begin(): void {
    this.#owed.clear();
    this.#fresh = [];
    this.#here = new Map();
  }

  #owedTo(peer: SimPeer): Map<string, number> {
    const owed = this.#owed.get(peer) ?? new Map<string, number>();
    this.#owed.set(peer, owed);
    return owed;
  }
}

/** @returns the new count */
function add(counts: Map<string, number>, key: string, by: number): number {
  const count = (counts.get(key) ?? 0) + by;
  counts.set(key, count);
  return count;
}
