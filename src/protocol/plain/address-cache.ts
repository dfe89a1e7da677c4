/**
 * Lists of names that lines have begun with before, found again by their text: they need not be split or written anew.
 * Whoever writes to many at once tends to write to the same again. Measured: a line to eight names takes 190 ns on its
 * way to the shard instead of 370. One name is no list: that is split sooner than it is found here.
 */
import { BatchBuilder } from '../../shared/wire/batch.ts';
import { type Body, countOf, type Destinations, type Line, putList } from '../../shared/wire/message.ts';
import { COLON, trimEnd, trimStart } from './address.ts';

/** Lists that are remembered, each at the place its hash gives it: another that comes there twice in a row takes it. */
const PLACES = 4_096;
/**
 * A longer list is not remembered, nor is one of more names: all places together take 2.5 KiB each a shard, or 10 MiB.
 */
export const MAX_LIST_BYTES = 512;
export const MAX_LIST_NAMES = 128;
const FOUR_COLONS = 0x3a3a3a3a;

/** What of a list belongs to one shard. */
export interface ShardList {
  readonly shard: number;
  /** The words of its record, as they stand in a batch, and how many names they are. */
  readonly record: Int32Array;
  readonly names: number;
  /** The last batch for the shard that it was put in, and its number there. */
  batch: number;
  number: number;
}

interface RememberedList {
  readonly text: Text;
  readonly words: Int32Array;
  readonly names: number;
  readonly shards: readonly ShardList[];
}

/** The text of a list: whole words of it are hashed, and the bytes behind them are its tail. */
interface Text {
  hash: number;
  length: number;
  tail: number;
}

/** Also says how many names the list has that was found last, and where the message of its line stands. */
export class RememberedLists implements Body {
  names = 0;
  bodyStart = 0;
  bodyEnd = 0;
  readonly #shardCount: number;
  readonly #places = new Array<RememberedList | undefined>(PLACES).fill(undefined);
  /** For each place, the hash of the list that was last looked for in vain; 0 when one was found since. */
  readonly #missed = new Int32Array(PLACES);
  readonly #scratch = new BatchBuilder();
  /** The list of the line at hand; its length is 0 where it is none to remember. */
  readonly #text: Text = { hash: 0, length: 0, tail: 0 };

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  /** @returns the list of a line, by shard, if it is remembered */
  find(line: Line): readonly ShardList[] | undefined {
    this.#read(line);
    const text = this.#text;
    if (text.length === 0) return undefined;
    const place = text.hash & (PLACES - 1);
    const list = this.#places[place];
    if (list === undefined || !this.#isTextOf(list, line)) return undefined;
    this.#missed[place] = 0;
    this.names = list.names;
    this.bodyStart = trimStart(line.bytes, line.start + text.length + 1, line.end);
    this.bodyEnd = trimEnd(line.bytes, this.bodyStart, line.end);
    return list.shards;
  }

  /** Notes a list that `find` has just not found. The second time in a row it is remembered. */
  missed(line: Line, to: Destinations): void {
    const text = this.#text;
    if (text.length === 0 || to.count > MAX_LIST_NAMES) return;
    const place = text.hash & (PLACES - 1);
    if (this.#missed[place] === text.hash) {
      const { count } = to;
      const words = this.#words(line);
      this.#places[place] = { text: { ...text }, words, names: count, shards: this.#byShard(line, to) };
    } else this.#missed[place] = text.hash;
  }

  #words(line: Line): Int32Array {
    const start = line.offset + line.start;
    return Int32Array.from({ length: this.#text.length >> 2 }, (_, i) =>
      line.memory.view.getInt32(start + i * 4, true),
    );
  }

  #byShard(line: Line, to: Destinations): ShardList[] {
    const shards: ShardList[] = [];
    for (let shard = 0; shard < this.#shardCount; shard++) {
      putList(this.#scratch, shard, line, to);
      const post = this.#scratch.takeOwn();
      if (post === undefined) continue;
      const names = countOf(to, shard);
      shards.push({ shard, record: new Int32Array(post.batch), names, batch: -1, number: -1 });
    }
    return shards;
  }

  /** Reads the text before the colon, a word at a time: byte by byte it would take as long as to split it. */
  #read(line: Line): void {
    const { view } = line.memory;
    const text = this.#text;
    const start = line.offset + line.start;
    const end = Math.min(line.offset + line.end, start + MAX_LIST_BYTES + 1);
    let hash = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      const rest = word ^ FOUR_COLONS;
      if (((rest - 0x01010101) & ~rest & 0x80808080) !== 0) break; // a byte of it is 0
      hash = mixed(hash, word);
    }
    text.length = 0;
    text.tail = 0;
    for (; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte === COLON) {
        text.hash = mixed(hash, text.tail);
        text.length = at - start;
        return;
      }
      text.tail = (text.tail << 8) | byte;
    }
  }

  #isTextOf({ text, words }: RememberedList, line: Line): boolean {
    const { hash, length, tail } = this.#text;
    if (text.hash !== hash || text.length !== length || text.tail !== tail) return false;
    const { view } = line.memory;
    let at = line.offset + line.start;
    for (let i = 0; i < words.length; i++, at += 4) if (words[i] !== view.getInt32(at, true)) return false;
    return true;
  }
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x5bd1e995);
  return product ^ (product >>> 15);
}
