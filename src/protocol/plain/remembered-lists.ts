/**
 * A cache of destination lists, found by their text. A list that is found need not be split again, nor its record built
 * again. A peer that writes to many names tends to write to the same list again. Measured: a line to eight names takes
 * 190 ns on its way to the shard instead of 370. A single name is not cached: it is split faster than it is found here.
 */
import type { DestinationSet, Names } from '../../router/destination-set.ts';
import type { ShardList } from '../../router/shard-lists.ts';
import { Memory } from '../../shared/memory/memory.ts';
import type { Line } from '../../shared/wire/message.ts';
import { type AddressedLine, COLON } from './addressed-line.ts';

/**
 * The places of the cache. The hash of a list selects its place. A list that is missed there twice in a row replaces
 * the one in it.
 */
const PLACES = 4_096;
/** A longer list, or one of more names, is not cached. So all places together take 2.5 KiB each a shard, or 10 MiB. */
export const MAX_LIST_BYTES = 512;
export const MAX_LIST_NAMES = 128;
const FOUR_COLONS = 0x3a3a3a3a;

/** The text of a list. `hash` is of its whole words and its tail; `tail` has the bytes after the last whole word. */
interface Text {
  hash: number;
  length: number;
  tail: number;
}

/** A cached list, with the text that it is found by. */
class RememberedList implements DestinationSet {
  readonly count: number;
  readonly lasting = true;
  route: readonly ShardList[] | undefined;
  readonly text: Text;
  readonly words: Int32Array;
  readonly #first: AddressedLine;
  readonly #firstLines: number;
  readonly #split: AddressedLine;

  /**
   * @param first the line that the list was found in, split
   * @param split splits the text again when the names are asked for later
   */
  constructor(text: Text, words: Int32Array, first: AddressedLine, split: AddressedLine) {
    this.count = first.count;
    this.text = text;
    this.words = words;
    this.#first = first;
    this.#firstLines = first.lines;
    this.#split = split;
  }

  /**
   * The router asks once for the route, mostly while the line is at hand that the list was found in, and again where a
   * message must be sent in parts.
   */
  names(): Names {
    if (this.#first.lines === this.#firstLines) return this.#first;
    const { length, tail } = this.text;
    const memory = new Memory(new ArrayBuffer((this.words.length + 2) * 4));
    for (let i = 0; i < this.words.length; i++) memory.view.setInt32(i * 4, this.words[i] as number, true);
    const end = length + 1;
    memory.bytes[length] = COLON;
    for (let at = length - 1, rest = tail; at >= this.words.length * 4; at--, rest >>= 8)
      memory.bytes[at] = rest & 0xff;
    this.#split.split({ bytes: memory.bytes, start: 0, end, memory, offset: 0 });
    return this.#split;
  }
}

/** The cache. All sessions share one. */
export class RememberedLists {
  readonly #split: AddressedLine;
  readonly #places = new Array<RememberedList | undefined>(PLACES).fill(undefined);
  /** For each place, the hash of the list that was missed there last; 0 if a list was found there since. */
  readonly #missed = new Int32Array(PLACES);
  /** The text of the list in the current line. Its length is 0 if the list cannot be cached. */
  readonly #text: Text = { hash: 0, length: 0, tail: 0 };

  /** @param split used by cached lists alone (RememberedList) */
  constructor(split: AddressedLine) {
    this.#split = split;
  }

  /** The place of the colon, where the text of the last list that was looked up ends. */
  colonOf(line: Line): number {
    return line.start + this.#text.length;
  }

  /** Looks up the list of a line. @returns the cached list; undefined if there is none */
  find(line: Line): DestinationSet | undefined {
    this.#read(line);
    const text = this.#text;
    if (text.length === 0) return undefined;
    const place = text.hash & (PLACES - 1);
    const list = this.#places[place];
    if (list === undefined || !this.#isTextOf(list, line)) return undefined;
    this.#missed[place] = 0;
    return list;
  }

  /**
   * Notes that `find` has just missed the list of this line. It is cached the second time in a row.
   * @param to the line, split
   * @returns the list, if it is cached now
   */
  missed(line: Line, to: AddressedLine): DestinationSet | undefined {
    const text = this.#text;
    if (text.length === 0 || to.count > MAX_LIST_NAMES) return undefined;
    const place = text.hash & (PLACES - 1);
    if (this.#missed[place] === text.hash) {
      const list = new RememberedList({ ...text }, this.#words(line), to, this.#split);
      this.#places[place] = list;
      return list;
    }
    this.#missed[place] = text.hash;
    return undefined;
  }

  #words(line: Line): Int32Array {
    const start = line.offset + line.start;
    return Int32Array.from({ length: this.#text.length >> 2 }, (_, i) =>
      line.memory.view.getInt32(start + i * 4, true),
    );
  }

  /** Reads the text before the colon a word at a time: a loop over bytes would take as long as a split. */
  #read(line: Line): void {
    const { view } = line.memory;
    const text = this.#text;
    const start = line.offset + line.start;
    const end = Math.min(line.offset + line.end, start + MAX_LIST_BYTES + 1);
    let hash = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      if (hasColon(word)) break;
      hash = mixed(hash, word);
    }
    text.length = 0; // as long as no colon is found
    text.tail = 0;
    // The colon is in the next four bytes, or there is none in time.
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

/**
 * Whether one of the four bytes of a word is a colon. With all bytes turned over by the colon's bits, that byte is 0;
 * taking 1 from each byte turns on the top bit of one that is 0 (and of one that had it, which `~` leaves out).
 */
function hasColon(word: number): boolean {
  const turned = word ^ FOUR_COLONS;
  return ((turned - 0x01010101) & ~turned & 0x80808080) !== 0;
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x5bd1e995);
  return product ^ (product >>> 15);
}
