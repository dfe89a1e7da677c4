import { describe, expect, it } from 'vitest';
import { Arena } from '../../../src/shared/memory/arena.ts';
import { SLAB_BYTES, WriteSlabs } from '../../../src/shared/memory/write-buffers.ts';

/** Two slabs, and the arena they are in, with `text` in it. */
function scene(text = 'over there') {
  const arena = new Arena(4 * SLAB_BYTES);
  const { memory } = arena;
  const from = arena.allocate(SLAB_BYTES);
  const bytes = Buffer.from(memory.buffer, from, text.length);
  bytes.write(text);
  return { slabs: new WriteSlabs(memory, arena.allocate(2 * SLAB_BYTES), 2), memory, bytes };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('bytes to be written', () => {
  it('are copied, from the arena and from elsewhere, into the same slab', () => {
    const { slabs, bytes, memory } = scene();
    const first = slabs.stage(bytes);
    expect([text(first), first.buffer === memory.buffer]).toEqual(['over there', true]);
    bytes.fill('x');
    expect(text(first)).toBe('over there');
    const second = slabs.stage(Buffer.from('from elsewhere'));
    expect([text(second), second.byteOffset]).toEqual(['from elsewhere', first.byteOffset]);
  });

  it('stay while they are kept, and their slab is free again when they are released', () => {
    const { slabs, memory } = scene();
    const kept = ['one', 'two', 'three', 'four'].map((word) => {
      const staged = slabs.stage(Buffer.from(word));
      slabs.keep(staged);
      return staged;
    });
    const [one, two, three] = kept as [Uint8Array, Uint8Array, Uint8Array];
    expect(kept.map(text)).toEqual(['one', 'two', 'three', 'four']);
    // There are two slabs: the others are elsewhere.
    expect(kept.map(({ buffer }) => buffer === memory.buffer)).toEqual([true, true, false, false]);
    slabs.release(three);
    slabs.release(two);
    slabs.release(one);
    const again = slabs.stage(Buffer.from('again'));
    slabs.keep(again);
    const last = slabs.stage(Buffer.from('last'));
    expect([again.byteOffset, last.byteOffset].sort()).toEqual([one.byteOffset, two.byteOffset].sort());
    expect(text(again)).toBe('again');
  });

  it('are in memory of their own where they are more than a slab holds', () => {
    const { slabs, memory } = scene();
    const [exact, more] = [SLAB_BYTES, SLAB_BYTES + 1].map((length) => slabs.stage(Buffer.alloc(length, 'x')));
    expect([exact?.buffer === memory.buffer, more?.buffer === memory.buffer]).toEqual([true, false]);
    expect([exact?.length, more?.length]).toEqual([SLAB_BYTES, SLAB_BYTES + 1]);
    const large = slabs.stage(Buffer.alloc(SLAB_BYTES + 1, 'y'));
    slabs.keep(large);
    slabs.release(large);
    expect(text(large)).toBe('y'.repeat(SLAB_BYTES + 1));
  });
});
