/**
 * What must come of every message, by the plain rules: a copy is delivered once, in the order its sender sent it,
 * unless it was in memory that a crash took; and it may come twice only if the crash of the whole broker fell between
 * the kernel taking it and its removal from the store.
 */
import { createHash } from 'node:crypto';

export interface Copy {
  readonly id: number;
  readonly to: string;
  /** Which session sent it, of all that ever were. */
  readonly sender: number;
  readonly shard: number;
  /** What the outbox had posted when it was put there. */
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
  /** Copies that may come once more. */
  readonly excused = new Set<string>();
  /** The last copy that was taken, by sender and recipient. */
  readonly #last = new Map<string, number>();
  repeated = 0;
  readonly #all = createHash('sha256');

  /** A digest of all that was sent and taken, in its order: the same for two lives only if they were the same. */
  get digest(): string {
    return this.#all.copy().digest('hex');
  }

  sent(copy: Copy): void {
    this.#all.update(JSON.stringify(copy));
    this.copies.set(keyOf(copy.id, copy.to), copy);
  }

  /** The kernel took these frames for a peer named `to`. */
  took(to: string, text: string): void {
    this.#all.update(`${to} took ${text}`);
    for (const id of idsIn(text)) {
      const key = keyOf(id, to);
      const copy = this.copies.get(key);
      if (copy === undefined) throw new Error(`${key} was never sent`);
      if (this.taken.has(key)) {
        if (!this.excused.delete(key)) throw new Error(`${key} came twice`);
        this.repeated++;
        continue;
      }
      this.taken.add(key);
      const pair = `${copy.sender}>${to}`;
      const last = this.#last.get(pair) ?? 0;
      if (id < last) throw new Error(`${key} came behind ${last}, which its sender sent later`);
      this.#last.set(pair, id);
    }
  }

  /** Copies that have not been taken, and must be. */
  *missing(): Generator<Copy> {
    for (const [key, copy] of this.copies) if (!this.taken.has(key) && !this.mayBeLost.has(key)) yield copy;
  }
}

export function keyOf(id: number, to: string): string {
  return `${id}@${to}`;
}
