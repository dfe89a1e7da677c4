/**
 * A fake store for tests of a shard: a sorted map. It answers only when told to, fails when told to, and can lose what
 * was not synced.
 */
import type { Entry, KeyRange, StoreOp } from '../../../src/store/format.ts';
import type { Store } from '../../../workers/mailbox/store.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

export class PaperStore implements Store {
  /** The entries, by key in hexadecimal digits, which sort as the bytes do. */
  entries: Map<string, Uint8Array>;
  #sorted: string[] | undefined;
  readonly #questions: (() => void)[] = [];
  /** While this is set, every write fails with this message. */
  failing: string | undefined;
  /** While this is set, every read that is answered fails with this message. */
  unreadable: string | undefined;
  /** Keys that cannot be read, in hexadecimal digits. As in LevelDB, a read skips them and fails at its end. */
  readonly damaged = new Set<string>();
  reads = 0;
  writes = 0;
  syncs = 0;
  deletions = 0;

  constructor(entries = new Map<string, Uint8Array>()) {
    this.entries = entries;
  }

  get waiting(): number {
    return this.#questions.length;
  }

  /** The keys that begin with this letter: `n` for index records, `m` for messages, `d` for recent sends. */
  keys(letter: 'n' | 'm' | 'd'): string[] {
    const first = Buffer.from(letter).toString('hex');
    return this.#keys().filter((key) => key.startsWith(first));
  }

  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void {
    this.#questions.push(() => {
      if (this.failing !== undefined) {
        done(new Error(this.failing));
        return;
      }
      this.writes++;
      if (sync) this.syncs++;
      this.apply(ops);
      done();
    });
  }

  /** Applies `ops`, as a write does. */
  apply(ops: readonly StoreOp[]): void {
    for (const op of ops) {
      if (op.type === 'put') this.entries.set(hex(op.key), Buffer.from(op.value));
      else {
        this.entries.delete(hex(op.key));
        this.deletions++;
      }
    }
    this.#sorted = undefined;
  }

  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void {
    const from = hex(range.from);
    const to = hex(range.to);
    const found: Entry[] = [];
    let bytes = 0;
    let damaged = false;
    for (const key of this.#keys()) {
      if (key < from || key >= to) continue;
      if (this.damaged.has(key)) {
        damaged = true;
        continue;
      }
      const value = this.entries.get(key) ?? Buffer.alloc(0);
      if (found.length > 0 && bytes + value.length > maxBytes) {
        damaged = false; // the read did not reach its end, where it would fail
        break;
      }
      bytes += value.length;
      found.push([Buffer.from(key, 'hex'), value]);
    }
    this.reads++;
    this.#questions.push(() => {
      const reason = this.unreadable ?? (damaged ? 'Corruption: bad block contents' : undefined);
      if (reason === undefined) done(undefined, found);
      else done(new Error(reason), this.unreadable === undefined ? found : []);
    });
  }

  /** Answers the oldest read or write. @returns false if there is none */
  answer(): boolean {
    const question = this.#questions.shift();
    question?.();
    return question !== undefined;
  }

  #keys(): string[] {
    this.#sorted ??= [...this.entries.keys()].sort();
    return this.#sorted;
  }
}
