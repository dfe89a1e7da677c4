/**
 * The ledger of all messages. A copy (one message to one name) must be delivered once, in the order in which its sender
 * sent its messages. Two exceptions: a copy that was only in memory may be lost in a crash. A copy may come twice if
 * the crash falls between the write to the kernel and the removal from the store.
 */
import { createHash } from 'node:crypto';
import type { Done } from '../world/program.ts';

export interface Copy {
  readonly id: number;
  readonly to: string;
  /** The number of the sending session, unique over the whole life. */
  readonly sender: number;
  readonly shard: number;
  /** The outbox's number of posts when the copy was put into it. */
  readonly posts: number;
}

const TOKEN = /#(\d+);/g;

/** The numbers of the messages in `text`. */
export function idsIn(text: string): number[] {
  return [...text.matchAll(TOKEN)].map((match) => Number(match[1]));
}

export class Ledger {
  /** Copies by `id@name`. */
  readonly copies = new Map<string, Copy>();
  readonly taken = new Set<string>();
  readonly mayBeLost = new Set<string>();
  /** Copies whose time was over before they were delivered. They may be dropped. */
  readonly overdue = new Set<string>();
  /** Copies of which their sender was told that they are held: no crash may lose them. */
  readonly promised = new Set<string>();
  /** Copies that were purged, and whose removal was answered. They must not come again. */
  readonly #purged = new Set<string>();
  /** Copies that may be delivered once more because a crash has left them in the store; how often. */
  readonly #left = new Map<string, number>();
  /** Copies that may be delivered once more because they were sent again, and the first sending was forgotten. */
  readonly #anew = new Set<string>();
  /** Copies that were sent a second time, under the same id, with the number of the session that sent the first. */
  readonly #again = new Map<string, number>();
  /** Copies whose first sending may not be remembered any more. */
  readonly #forgotten = new Set<string>();
  /** The place of each copy in the order in which they were first sent. */
  readonly #places = new Map<string, number>();
  /** The place of the last copy that was delivered, by sender and recipient. */
  readonly #last = new Map<string, number>();
  /** The names whose mail was purged. */
  readonly purgedNames = new Set<string>();
  repeated = 0;
  readonly #all = createHash('sha256');

  /** A digest of all copies sent and delivered, in order. It is equal for two lives only if they were the same. */
  get digest(): string {
    return this.#all.copy().digest('hex');
  }

  sent(copy: Copy): void {
    this.#all.update(JSON.stringify(copy));
    const key = keyOf(copy.id, copy.to);
    const first = this.copies.get(key);
    if (first !== undefined) this.#again.set(key, first.sender);
    else this.#places.set(key, this.copies.size);
    if (this.#again.has(key) && this.#forgotten.has(key)) this.#anew.add(key);
    this.copies.set(key, copy);
  }

  /** Whether a session has sent the copy, the first time or again. */
  isFrom(sender: number | undefined, key: string, copy: Copy): boolean {
    return copy.sender === sender || (this.#again.has(key) && this.#again.get(key) === sender);
  }

  /**
   * These messages count as delivered to a peer named `to`: it has got them in the order in which they were handed
   * over, or it has rejected them, in any order. Or they were dropped because their time was over.
   */
  took(to: string, { text, state }: Done): void {
    this.#all.update(`${to} ${state} ${text}`);
    for (const id of idsIn(text)) {
      const key = keyOf(id, to);
      const copy = this.copies.get(key);
      if (copy === undefined) throw new Error(`${key} was never sent`);
      if (this.taken.has(key)) {
        this.#excuse(key);
        this.repeated++;
        continue;
      }
      this.taken.add(key);
      // The first sending may have been refused, and messages that were sent later delivered since. Or it was dropped
      // because its time was over, and a crash has brought it back.
      if (this.#again.has(key) || this.overdue.has(key) || state !== 'acked') continue;
      const pair = `${copy.sender}>${to}`;
      const last = this.#last.get(pair) ?? 0;
      const place = this.#places.get(key) ?? 0;
      if (place < last) throw new Error(`${key} came behind what its sender sent later`);
      this.#last.set(pair, place);
    }
  }

  /** A copy comes once more than it should, but for what has happened. */
  #excuse(key: string): void {
    const left = this.#left.get(key) ?? 0;
    if (left > 0) this.#left.set(key, left - 1);
    else if (!this.#anew.delete(key)) throw new Error(`${key} came twice`);
  }

  /** Whether a copy that was delivered may be delivered once more. */
  mayComeAgain(key: string): boolean {
    return this.#anew.has(key) || (this.#left.get(key) ?? 0) > 0;
  }

  /** A crash has left these copies in the store. Those of them that were delivered may come again. */
  leftInStore(keys: readonly string[]): void {
    const back = keys.find((key) => this.#purged.has(key) && !this.#again.has(key));
    if (back !== undefined) throw new Error(`${back} was purged, and a crash has left it in the store`);
    const left = new Map<string, number>();
    for (const key of keys) if (this.taken.has(key)) left.set(key, (left.get(key) ?? 0) + 1);
    for (const [key, count] of left) this.#left.set(key, Math.max(count, this.#left.get(key) ?? 0));
  }

  /** A copy was purged, and that was answered. */
  purged(key: string): void {
    this.#purged.add(key);
  }

  /** The place of a copy in the order in which they were first sent; undefined if it was sent again. */
  placeOf(key: string): number | undefined {
    return this.#again.has(key) ? undefined : this.#places.get(key);
  }

  /** A copy was only in memory when that was lost. */
  lostMemoryOf(key: string): void {
    if (!this.promised.has(key)) this.mayBeLost.add(key);
  }

  /** A shard, or all, has crashed or stopped. It remembers only the ids of what was held. */
  forgetSends(shard?: number): void {
    for (const [key, copy] of this.copies) {
      if (this.promised.has(key) || (shard !== undefined && copy.shard !== shard)) continue;
      this.#forgotten.add(key);
      if (this.#again.has(key)) this.#anew.add(key);
    }
  }

  /** A shard, or all, has crashed or stopped. It may have dropped what was overdue, and told nobody. */
  forgiveOverdue(isOfShard: (key: string) => boolean = () => true): void {
    for (const key of this.overdue) if (isOfShard(key)) this.mayBeLost.add(key);
  }

  /** Whether a copy may be neither on disk nor on its way. */
  mayBeGone(key: string): boolean {
    return this.taken.has(key) || this.mayBeLost.has(key) || this.overdue.has(key);
  }

  /** Whether any mail for the name may have been dropped because its time was over, or was purged. */
  mayHaveDropped(name: string): boolean {
    return this.purgedNames.has(name) || [...this.overdue].some((key) => nameIn(key) === name);
  }

  /** Copies that are not delivered yet, and must be. */
  *missing(): Generator<Copy> {
    for (const [key, copy] of this.copies) if (!this.mayBeGone(key)) yield copy;
  }
}

export function keyOf(id: number, to: string): string {
  return `${id}@${to}`;
}

/** The name in a key of `keyOf`. */
export function nameIn(key: string): string {
  return key.slice(key.indexOf('@') + 1);
}
