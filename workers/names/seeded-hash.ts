/** A hash of bytes with a secret seed. Without the seed nobody can choose bytes that collide. */
export function hashBytes(seed: number, bytes: Uint8Array, start: number, length: number): number {
  let hash = seed;
  const end = start + length;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x5bd1e995) ^ (hash >>> 15);
  return (hash ^ (hash >>> 13)) >>> 0;
}
