/**
 * The names of a table a part at a time, while names come and go. They are visited in the order of their hashes with
 * the bits reversed. That order stays when the table grows, because the bucket of a name is the end of its hash.
 */
import type { Name } from './name.ts';
import type { NameTable } from './name-table.ts';

const HASH_BITS = 32;
/** So many names are visited at a time, and so many buckets, which may all be empty. */
const MAX_VISITED = 5_000;
const MAX_BUCKETS = 50_000;

/** Where a visit has ended. */
export interface Visited {
  /** The place at which the next visit begins; undefined if all names were visited. */
  readonly next: number | undefined;
  /** The last name that was visited. */
  readonly last: Name | undefined;
}

/** @returns the place behind a name, whether or not it is known still */
export function placeBehind(table: NameTable, name: Uint8Array): number {
  return reversed(table.hashOf(name)) + 1;
}

/**
 * Visits names from a place on, until `visit` returns false or enough were visited. Names with one hash are visited
 * together.
 */
export function visitFrom(table: NameTable, from: number, visit: (name: Name) => boolean): Visited {
  const bits = Math.log2(table.buckets);
  let visited = 0;
  let last: Name | undefined;
  let isOver = false;
  for (let index = placeOf(from, bits), looked = 0; index < table.buckets; index++, looked++) {
    for (const [place, name] of inBucket(table, index, bits)) {
      if (place < from) continue;
      const isNext = last === undefined || reversed(last.hash) !== place;
      if (isNext && (isOver || visited >= MAX_VISITED)) return { next: place, last };
      isOver = !visit(name) || isOver;
      last = name;
      visited++;
    }
    if (looked === MAX_BUCKETS) return { next: (index + 1) * 2 ** (HASH_BITS - bits), last };
  }
  return { next: undefined, last };
}

/** The index of the bucket in the order of the visit. */
function placeOf(from: number, bits: number): number {
  return Math.floor(from / 2 ** (HASH_BITS - bits));
}

/** The names of a bucket with their places, in order. */
function inBucket(table: NameTable, index: number, bits: number): [place: number, name: Name][] {
  const found: [number, Name][] = [];
  table.forEachIn(reversed(index) >>> (HASH_BITS - bits), (name) => found.push([reversed(name.hash), name]));
  return found.length > 1 ? found.sort(([one], [other]) => one - other) : found;
}

/** The 32 bits of a number in reverse. */
function reversed(number: number): number {
  let bits = number;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
