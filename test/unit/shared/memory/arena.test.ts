import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, memoryOf, type WasmMemory } from '../../../../src/shared/memory/arena.ts';
import { copyText, copyTextOf, Memory } from '../../../../src/shared/memory/memory.ts';

const PAGE_BYTES = 64 * 1024;

describe('an arena', () => {
  it('gives away places that do not touch, at lines of the cache, until there is no room', () => {
    const arena = new Arena(PAGE_BYTES);
    expect([arena.allocate(1), arena.allocate(200), arena.allocate(PAGE_BYTES - 3 * 128)]).toEqual([0, 128, 384]);
    expect(() => arena.allocate(1)).toThrow('no room for 1 bytes');
  });

  it('is the same memory for who is sent it', () => {
    const arena = new Arena(PAGE_BYTES);
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(arena.shared);
    const other = memoryOf(receiveMessageOnPort(port2)?.message as WasmMemory);
    port1.close();
    arena.memory.bytes.set(Buffer.from('over there'), 100);
    copyText(other, 100, other, 300, 10);
    expect(Buffer.from(arena.memory.bytes.subarray(300, 310)).toString()).toBe('over there');
  });
});

it('bytes that are no text, and a NaN as a number, are copied bit by bit too: what is no UTF-8 must stay none', () => {
  const SIZE = 64;
  const patterns = ['7ff0000000000001', 'fff4000000000000', '7ff8000000000000', 'fff7fffffff7ffff', 'ffffffffffffffff'];
  const own = new Memory(new ArrayBuffer(SIZE));
  const { memory } = new Arena(SIZE);
  for (const pattern of patterns) {
    const bytes = Buffer.from(pattern.repeat(3), 'hex').reverse();
    for (const at of [0, 3]) {
      own.bytes.set(bytes, at);
      copyText(own, at, memory, 5, bytes.length);
      expect(Buffer.from(memory.bytes.slice(5, 5 + bytes.length))).toEqual(bytes);
      copyTextOf(memory.bytes, 5, own.bytes, 1, bytes.length);
      expect(Buffer.from(own.bytes.slice(1, 1 + bytes.length))).toEqual(bytes);
    }
  }
});

describe('text is copied whole, and nothing beside it', () => {
  const SIZE = 2_000;
  const memories = () => ({ private: new Memory(new ArrayBuffer(SIZE * 2)), shared: new Arena(SIZE * 2).memory });
  const place = fc.integer({ min: 2, max: 40 });
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.tuple(fc.nat(500), fc.constantFrom('x', 'é', '€', '\u{10ffff}', '\u0000')).map(([n, unit]) => unit.repeat(n)),
  );
  const kinds = fc.constantFrom('private' as const, 'shared' as const);

  it.each(['memories', 'bytes'])('between %s', (what) => {
    const own = memories();
    const others = memories();
    fc.assert(
      fc.property(text, place, place, kinds, kinds, fc.boolean(), (chars, at, toAt, from, to, same) => {
        const bytes = Buffer.from(chars).subarray(0, SIZE - 50);
        const source = own[from];
        const target = same ? source : others[to];
        source.bytes.fill(0xee);
        target.bytes.fill(0xee);
        source.bytes.set(bytes, at);
        // In one memory, both places are apart.
        const goal = toAt + SIZE;
        if (what === 'memories') copyText(source, at, target, goal, bytes.length);
        else copyTextOf(source.bytes.subarray(1), at - 1, target.bytes.subarray(2), goal - 2, bytes.length);
        const copied = Buffer.from(target.bytes.slice(goal, goal + bytes.length));
        expect(copied.equals(Buffer.from(source.bytes.slice(at, at + bytes.length)))).toBe(true);
        expect([target.bytes[goal - 1], target.bytes[goal + bytes.length]]).toEqual([0xee, 0xee]);
      }),
      { numRuns: 400 },
    );
  });
});
