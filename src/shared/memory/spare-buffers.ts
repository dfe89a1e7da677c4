/**
 * Buffers of one size that are used again, of this thread. V8 counts the bytes that are made and thrown away beside its
 * heap, and marks the whole heap when they are many. (Measured: where large messages came faster than sockets took
 * them, that was half of all processor time.)
 */

export const SPARE_BYTES = 64 * 1024;
/** So many are kept, in each thread: 4 MiB. */
const MAX_SPARES = 64;

const spares: Uint8Array[] = [];

/** A buffer of SPARE_BYTES, whatever is in it. */
export function takeSpare(): Uint8Array {
  return spares.pop() ?? new Uint8Array(SPARE_BYTES);
}

/** Nothing looks at `buffer` any more, which `takeSpare` gave. */
export function giveSpare(buffer: Uint8Array): void {
  if (spares.length < MAX_SPARES) spares.push(buffer);
}
