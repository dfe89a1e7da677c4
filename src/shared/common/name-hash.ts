/**
 * The stable hash that gives every name its shard: FNV-1a over the name's UTF-8 bytes, 32 bits, unseeded.
 * It must never change while the number of shards stays: which shard owns a name depends on it alone.
 *
 * @returns an unsigned 32-bit number
 */
export function hashName(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

/**
 * The shard of a hash, from 0 to `shards` - 1. FNV-1a mixes its low bits least well, so the high half is folded in.
 */
export function shardOf(hash: number, shards: number): number {
  return shards === 1 ? 0 : ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
