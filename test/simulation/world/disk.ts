/**
 * The simulated disk, which the stores of all shards share. It answers late, it can be full, and a read or a write can
 * fail once. A crash of the machine keeps all synced writes, and the first of the others, in order.
 */
import { type Entry, type KeyRange, readMessageKey, STATE_KEY, type StoreOp } from '../../../src/store/format.ts';
import { BehindFailedWrite } from '../../../src/store/guard/write-fence.ts';
import { readState, type StoreState, stateValue } from '../../../src/store/state.ts';
import type { Store } from '../../../workers/mailbox/store.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

type Entries = Map<string, Uint8Array>;

/** A message of a name. The numbers of one life differ modulo 2^32. */
/** A message, as its name and its number, which is whole or modulo 2^32. */
export const recordOf = (name: Uint8Array, number: number) => `${hex(name)} ${number | 0}`;

function apply(entries: Entries, ops: readonly StoreOp[]): void {
  for (const op of ops) {
    if (op.type === 'put') entries.set(hex(op.key), Buffer.from(op.value));
    else entries.delete(hex(op.key));
  }
}

/** A read or write that waits for its answer. */
type Question =
  | { readonly kind: 'write'; readonly ops: readonly StoreOp[]; sync: boolean; done: (error?: Error) => void }
  | { readonly kind: 'read'; readonly range: KeyRange; readonly answer: (error?: Error) => void };

export class Disk {
  /** The content now, and the content after a crash that loses everything not synced. */
  readonly now: Entries;
  readonly #synced: Entries;
  #unsynced: (readonly StoreOp[])[] = [];
  /** How many writes were synced. */
  syncs = 0;
  /** The number of the sync after which each message was on disk for good, by `recordOf`. */
  readonly #syncOf = new Map<string, number>();
  full = false;
  /** Whether a write has failed. No write is made after that until the store is opened again. */
  broken = false;
  /** Called for every message that is removed. */
  onRemoved: (name: string, value: string) => void = () => {};
  /** How many of the next reads fail. */
  badReads = 0;

  constructor(entries: Entries = new Map()) {
    this.now = new Map(entries);
    this.#synced = new Map(entries);
    for (const key of entries.keys()) this.#noteSynced(Buffer.from(key, 'hex'));
  }

  write(ops: readonly StoreOp[], sync: boolean): void {
    for (const op of ops) if (op.type !== 'put') this.#noteRemoved(op.key);
    apply(this.now, ops);
    this.#unsynced.push(ops);
    if (!sync) return;
    this.syncs++;
    for (const group of this.#unsynced) {
      apply(this.#synced, group);
      for (const { type, key } of group) if (type === 'put') this.#noteSynced(key);
    }
    this.#unsynced = [];
  }

  #noteSynced(key: Uint8Array): void {
    const message = readMessageKey(key);
    if (message === undefined) return;
    const record = recordOf(message.name, message.number);
    this.#syncOf.set(record, this.#syncOf.get(record) ?? this.syncs);
  }

  /** Whether a message was on disk for good at the time of a sync. @param number modulo 2^32, or whole */
  wasSynced(name: Uint8Array, number: number, syncs: number): boolean {
    const after = this.#syncOf.get(recordOf(name, number));
    return after !== undefined && after <= syncs;
  }

  #noteRemoved(key: Uint8Array): void {
    const name = readMessageKey(key)?.name;
    const value = this.now.get(hex(key));
    if (name !== undefined && value !== undefined) this.onRemoved(`${Buffer.from(name)}`, `${Buffer.from(value)}`);
  }

  get takesNothing(): boolean {
    return this.full || this.broken;
  }

  /** The state that the last broker stored for the next one. */
  get state(): StoreState | undefined {
    const value = this.now.get(hex(STATE_KEY));
    return value === undefined ? undefined : readState(value);
  }

  keepState(state: StoreState): void {
    if (!this.takesNothing) this.write([{ type: 'put', key: STATE_KEY, value: stateValue(state) }], true);
  }

  badRead(): Error | undefined {
    return this.badReads > 0 && this.badReads-- > 0 ? new Error('Too many open files') : undefined;
  }

  /** Removes an entry between two lives, as damage does. */
  lose(key: Uint8Array): void {
    this.now.delete(hex(key));
    this.#synced.delete(hex(key));
  }

  /** The disk after a crash. `keep` chooses how many of the groups that were not synced had reached the disk. */
  crash(keep: (of: number) => number): Disk {
    const left = new Map(this.#synced);
    const kept = keep(this.#unsynced.length);
    for (const group of this.#unsynced.slice(0, kept)) apply(left, group);
    return new Disk(left);
  }

  /** All entries of the content now, or of the synced content. */
  *entries(which: 'now' | 'synced'): Generator<Entry> {
    for (const [key, value] of which === 'now' ? this.now : this.#synced) yield [Buffer.from(key, 'hex'), value];
  }
}

/** The disk as one shard sees it. */
export class DiskStore implements Store {
  readonly #disk: Disk;
  readonly #questions: Question[] = [];
  #suspended = false;
  /** Writes that must still succeed until all mail that was in memory while one failed is on disk. */
  #behindFailure = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** How many calls can be answered. There is none while the store is closed. */
  get waiting(): number {
    return this.#suspended ? 0 : this.#questions.length;
  }

  /**
   * Whether mail may be delivered that is not on disk: the last write has failed, or the write behind it is under way,
   * which has all that was gathered meanwhile.
   */
  get failing(): boolean {
    const writes = this.#questions.some(({ kind }) => kind === 'write');
    return this.#behindFailure > 1 || (this.#behindFailure > 0 && writes);
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
  }

  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void {
    this.#questions.push({ kind: 'write', ops, sync, done });
  }

  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void {
    const found = this.#find(range, maxBytes);
    const answer = (error?: Error) => done(error, error === undefined ? found : []);
    this.#questions.push({ kind: 'read', range, answer });
  }

  /** The name of each read of mail that is under way. */
  get readFor(): string[] {
    return this.#questions.flatMap((question) => {
      const name = question.kind === 'read' ? readMessageKey(question.range.from)?.name : undefined;
      return name === undefined ? [] : [`${Buffer.from(name)}`];
    });
  }

  /**
   * Answers the call at `index`. If it is a write, the oldest write is answered instead, because writes keep their
   * order.
   * @param failing the error to answer with; the write may have been made all the same
   */
  answer(index: number, failing?: Error): void {
    const asked = this.#questions[index];
    const at = asked?.kind === 'write' ? this.#questions.findIndex(({ kind }) => kind === 'write') : index;
    const [question] = this.#questions.splice(at, 1);
    if (question?.kind === 'read') question.answer(failing ?? this.#disk.badRead());
    else if (question !== undefined) {
      const error = this.#tryWrite(question, failing);
      this.#behindFailure = error === undefined ? Math.max(0, this.#behindFailure - 1) : 2;
      question.done(error);
    }
  }

  #tryWrite({ ops, sync }: { readonly ops: readonly StoreOp[]; readonly sync: boolean }, failing?: Error) {
    if (this.#disk.broken) return new BehindFailedWrite();
    const error = this.#disk.full ? new Error('No space left on device') : failing;
    if (error === undefined) this.#disk.write(ops, sync);
    else this.#disk.broken = true;
    return error;
  }

  /** The shard has crashed. Writes that it had begun are made, and nobody is called back. */
  abandon(): void {
    for (const question of this.#questions.splice(0)) {
      if (question.kind === 'write' && !this.#disk.takesNothing) this.#disk.write(question.ops, question.sync);
    }
  }

  #find(range: KeyRange, maxBytes: number): Entry[] {
    const from = hex(range.from);
    const to = hex(range.to);
    const found: Entry[] = [];
    let bytes = 0;
    for (const key of [...this.#disk.now.keys()].filter((each) => each >= from && each < to).sort()) {
      const value = this.#disk.now.get(key) ?? Buffer.alloc(0);
      if (found.length > 0 && bytes + value.length > maxBytes) break;
      bytes += value.length;
      found.push([Buffer.from(key, 'hex'), value]);
    }
    return found;
  }
}
