import { describe, expect, it } from 'vitest';
import { Arena } from '../../../../src/shared/memory/arena.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { WRITE_BUFFER_BYTES, WriteBuffers } from '../../../../src/shared/memory/write-buffers.ts';

/** Two write buffers, and the arena they are in, with `text` in it. */
function scene(text = 'over there') {
  const arena = new Arena(4 * WRITE_BUFFER_BYTES);
  const { memory } = arena;
  const from = arena.allocate(WRITE_BUFFER_BYTES);
  const bytes = Buffer.from(memory.buffer, from, text.length);
  bytes.write(text);
  return { writeBuffers: new WriteBuffers(memory, arena.allocate(2 * WRITE_BUFFER_BYTES), 2), memory, bytes };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('bytes to be written', () => {
  it('are copied, from the arena and from elsewhere, into the same buffer', () => {
    const { writeBuffers, bytes, memory } = scene();
    const first = writeBuffers.stage(bytes);
    expect([text(first), first.buffer === memory.buffer]).toEqual(['over there', true]);
    bytes.fill('x');
    expect(text(first)).toBe('over there');
    const second = writeBuffers.stage(Buffer.from('from elsewhere'));
    expect([text(second), second.byteOffset]).toEqual(['from elsewhere', first.byteOffset]);
    const elsewhere = new Memory(new ArrayBuffer(16));
    elsewhere.bytes.set(Buffer.from('and what lies in'), 0);
    const third = writeBuffers.stageFrom(elsewhere, 4, 12);
    expect([text(third), third.byteOffset]).toEqual(['what lies in', first.byteOffset]);
    const fourth = writeBuffers.stageFrom(memory, bytes.byteOffset + 2, 4);
    expect([text(fourth), fourth.byteOffset]).toEqual(['xxxx', first.byteOffset]);
  });

  it('stay while they are kept, and their buffer is free again when they are released', () => {
    const { writeBuffers, memory } = scene();
    const kept = ['one', 'two', 'three', 'four'].map((word) => {
      const staged = writeBuffers.stage(Buffer.from(word));
      writeBuffers.keep(staged);
      return staged;
    });
    const [one, two, three] = kept as [Uint8Array, Uint8Array, Uint8Array];
    expect(kept.map(text)).toEqual(['one', 'two', 'three', 'four']);
    // There are two buffers: the others are elsewhere.
    expect(kept.map(({ buffer }) => buffer === memory.buffer)).toEqual([true, true, false, false]);
    writeBuffers.release(three);
    writeBuffers.release(two);
    writeBuffers.release(one);
    const again = writeBuffers.stage(Buffer.from('again'));
    writeBuffers.keep(again);
    const last = writeBuffers.stage(Buffer.from('last'));
    expect([again.byteOffset, last.byteOffset].sort()).toEqual([one.byteOffset, two.byteOffset].sort());
    expect(text(again)).toBe('again');
  });

  it('are not copied where they have been put into the room for them', () => {
    const { writeBuffers, memory } = scene();
    const at = writeBuffers.roomFor(5);
    memory.bytes.set(Buffer.from('bytes'), at);
    const put = writeBuffers.stageFrom(memory, at, 5);
    expect([text(put), put.byteOffset]).toEqual(['bytes', at]);
    writeBuffers.keep(put);
    expect(writeBuffers.roomFor(5)).not.toBe(at);
    expect([writeBuffers.roomFor(WRITE_BUFFER_BYTES) >= 0, writeBuffers.roomFor(WRITE_BUFFER_BYTES + 1)]).toEqual([
      true,
      -1,
    ]);
    writeBuffers.keep(writeBuffers.stage(Buffer.from('the last buffer')));
    expect(writeBuffers.roomFor(1)).toBe(-1);
  });

  it('are in memory of their own where they are more than a buffer holds', () => {
    const { writeBuffers, memory } = scene();
    const [exact, more] = [WRITE_BUFFER_BYTES, WRITE_BUFFER_BYTES + 1].map((length) =>
      writeBuffers.stage(Buffer.alloc(length, 'x')),
    );
    expect([exact?.buffer === memory.buffer, more?.buffer === memory.buffer]).toEqual([true, false]);
    const all = writeBuffers.stageFrom(memory, 0, WRITE_BUFFER_BYTES + 1);
    expect([all.length, all.buffer === memory.buffer]).toEqual([WRITE_BUFFER_BYTES + 1, false]);
    expect([exact?.length, more?.length]).toEqual([WRITE_BUFFER_BYTES, WRITE_BUFFER_BYTES + 1]);
    const large = writeBuffers.stage(Buffer.alloc(WRITE_BUFFER_BYTES + 1, 'y'));
    writeBuffers.keep(large);
    writeBuffers.release(large);
    expect(text(large)).toBe('y'.repeat(WRITE_BUFFER_BYTES + 1));
  });
});
