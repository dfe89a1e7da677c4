import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';

const hash = (name: string) => hashName(Buffer.from(name));

describe('the hash of a name', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
    ['hello', 0x4f9f2cab],
  ])('of %j is that of FNV-1a', (name, value) => {
    expect(hash(name)).toBe(value);
  });

  it('is of the bytes between start and end', () => {
    expect(hashName(Buffer.from('xfoobary'), 1, 7)).toBe(0xbf9cf968);
  });

  it('is of UTF-8 bytes, not of characters', () => {
    expect(hash('é')).toBe(hashName(Uint8Array.of(0xc3, 0xa9)));
  });
});

describe('the shard of a name', () => {
  // These must never change: which shard owns a name depends on them alone.
  it.each([
    ['', 2, 1],
    ['', 7, 3],
    ['a', 2, 0],
    ['a', 7, 5],
    ['foobar', 2, 0],
    ['foobar', 7, 5],
    ['alice', 64, 5],
  ])('of %j among %d is the same for ever', (name, shards, shard) => {
    expect(shardOf(hash(name), shards)).toBe(shard);
  });

  it('is always one that there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (name, shards) => {
        const shard = shardOf(hash(name), shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
      }),
    );
  });

  it('is always one that there is, at the ends of the range of hashes', () => {
    const shards = [0, 1, 0x7fffffff, 0x80000000, 0xffff0000, 0xffffffff].map((value) => shardOf(value, 7));
    expect(shards.every((shard) => shard >= 0 && shard < 7)).toBe(true);
  });

  const FORMS = { numbered: (i: number) => `user-${i}`, padded: (i: number) => `${i}`.padStart(16, '0') };

  it.each(Object.entries(FORMS))('is spread evenly over 10,000 names that are %s', (_form, nameOf) => {
    for (let shards = 1; shards <= 16; shards++) {
      const counts = new Array<number>(shards).fill(0);
      for (let i = 0; i < 10_000; i++) {
        const shard = shardOf(hash(nameOf(i)), shards);
        counts[shard] = (counts[shard] ?? 0) + 1;
      }
      const mean = 10_000 / shards;
      expect(Math.min(...counts), `least of ${shards}`).toBeGreaterThan(mean * 0.8);
      expect(Math.max(...counts), `most of ${shards}`).toBeLessThan(mean * 1.2);
    }
  });
});
