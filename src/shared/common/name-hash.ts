/**
 * The hash that gives each name its shard: 32-bit FNV-1a without a seed, over the UTF-8 bytes of the name. It must stay
 * the same as long as the number of shards does, because it alone decides which shard owns a name.
 * @returns an unsigned 32-bit number
 */
export function hashName(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

/** @returns the shard of the name at [start, end) of `bytes`. Both threads must find the same. */
export function shardOfName(bytes: Uint8Array, shards: number, start = 0, end = bytes.length): number {
  return shards === 1 ? 0 : shardOf(hashName(bytes, start, end), shards);
}

/**
 * @returns the shard of a hash, from 0 to `shards` - 1. FNV-1a mixes its low bits least, so the high half is folded in.
 */
export function shardOf(hash: number, shards: number): number {
  return shards === 1 ? 0 : ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
