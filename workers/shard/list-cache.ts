/**
 * The lists of names in the batch that is being read. The names of a list are looked up once for all messages to the
 * list, and again after a name was added or removed.
 */
import type { ListRecord } from '../../src/shared/wire/message.ts';
import type { Name } from '../names/name.ts';
import type { NameTable } from '../names/name-table.ts';

/** After a batch with more names than this the arrays go to the garbage collector. Smaller arrays are used again. */
const KEPT_NAMES = 65_536;

export class ListCache {
  readonly #table: NameTable;
  #bytes: Uint8Array = new Uint8Array(0);
  /** By list: the index behind its last name, and the value of `NameTable.changes` when its names were looked up. */
  #ends: number[] = [];
  #changes: number[] = [];
  #lists = 0;
  /** By name, of all lists: the place and length of its bytes in the batch, and the name that was found. */
  #at: number[] = [];
  #length: number[] = [];
  #names: (Name | undefined)[] = [];

  constructor(table: NameTable) {
    this.#table = table;
  }

  /** Adds the next list of the batch. */
  add(list: ListRecord): void {
    const { bytes } = list;
    this.#bytes = bytes;
    let index = this.first(this.#lists);
    for (; list.next(); index++) {
      this.#at[index] = list.nameAt;
      this.#length[index] = list.nameLength;
      this.#names[index] = this.#table.find(bytes, list.nameAt, list.nameLength);
    }
    this.#ends[this.#lists] = index;
    this.#changes[this.#lists] = this.#table.changes;
    this.#lists++;
  }

  /** The index of the first name of list `list`. */
  first(list: number): number {
    return list === 0 ? 0 : (this.#ends[list - 1] as number);
  }

  /** The index behind the last name of list `list`. */
  end(list: number): number {
    return this.#ends[list] as number;
  }

  /** The name at `index`, which is in list `list`; undefined if the name is not known. */
  name(list: number, index: number): Name | undefined {
    if (this.#changes[list] !== this.#table.changes) this.#lookUpAgain(list);
    return this.#names[index];
  }

  /** The bytes of the name at `index`. */
  bytes(index: number): Uint8Array {
    const at = this.#at[index] as number;
    return this.#bytes.subarray(at, at + (this.#length[index] as number));
  }

  /** Forgets all lists, at the end of the batch. */
  clear(): void {
    const used = this.#lists === 0 ? 0 : this.end(this.#lists - 1);
    this.#lists = 0;
    if (used > KEPT_NAMES) {
      this.#at = [];
      this.#length = [];
      this.#names = [];
      this.#ends = [];
      this.#changes = [];
    } else this.#names.fill(undefined, 0, used);
  }

  #lookUpAgain(list: number): void {
    this.#changes[list] = this.#table.changes;
    for (let index = this.first(list); index < this.end(list); index++) {
      this.#names[index] = this.#table.find(this.#bytes, this.#at[index] as number, this.#length[index] as number);
    }
  }
}
