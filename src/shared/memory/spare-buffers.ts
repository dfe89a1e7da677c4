/**
 * Spare buffers of one size, which this thread uses again. V8 counts the bytes of buffers that are allocated and freed,
 * and marks its whole heap when they are many. (Measured: when large messages arrived faster than sockets took them,
 * that was half of all processor time.)
 */

/** The size of a spare buffer. */
export const SPARE_BYTES = 64 * 1024;
/** Each thread keeps this many: 4 MiB. */
const MAX_SPARES = 64;

const spares: Uint8Array[] = [];

/** @returns a buffer of SPARE_BYTES, with any content */
export function takeSpare(): Uint8Array {
  return spares.pop() ?? new Uint8Array(SPARE_BYTES);
}

/** Keeps a buffer from `takeSpare` for the next use. The caller must not use it any more. */
export function giveSpare(buffer: Uint8Array): void {
  if (spares.length < MAX_SPARES) spares.push(buffer);
}
