import { describe, expect, it } from 'vitest';
import { MemoryPlan, planMemory } from '../../../../src/shards/memory-plan.ts';
import { EXIT_FAILED } from '../../../../src/shared/common/errors.ts';
import { Arena, memoryOf } from '../../../../src/shared/memory/arena.ts';
import { BufferPool } from '../../../../src/shared/memory/buffer-pool.ts';

const COUNT = 3;
const BYTES = 1000;

describe('the buffers of a pool', () => {
  const pair = () => {
    const arena = new Arena(BufferPool.bytes(COUNT, BYTES));
    const filler = BufferPool.in(arena, COUNT, BYTES);
    return { filler, reader: new BufferPool(memoryOf(arena.shared), filler.place) };
  };

  it('are free until each is leased, and again when it was released at the other end', () => {
    const { filler, reader } = pair();
    expect(filler.free()).toBe(0);
    filler.acquire(0);
    expect(filler.free()).toBe(1);
    filler.acquire(1);
    filler.acquire(2);
    expect(filler.free()).toBe(-1);
    reader.release(1);
    expect(filler.free()).toBe(1);
    filler.releaseAll();
    expect(filler.free()).toBe(0);
  });

  it.each([-1, COUNT, Number.NaN])('are none with the number %d', (number) => {
    const { filler, reader } = pair();
    filler.acquire(0);
    expect([reader.release(number), filler.leasedCount]).toEqual([false, 1]);
  });

  it('are the same bytes at both ends, and no byte of one is one of another', () => {
    const { filler, reader } = pair();
    for (let number = 0; number < COUNT; number++) {
      const start = filler.startOf(number);
      filler.memory.bytes.fill(number + 1, start, start + BYTES);
      filler.acquire(number);
    }
    for (let number = 0; number < COUNT; number++) {
      const { memory, start, end } = reader.lease(number, BYTES, []);
      expect(new Set(memory.bytes.slice(start, end))).toEqual(new Set([number + 1]));
    }
    expect(filler.free()).toBe(-1);
  });
});

describe('the memory of a broker', () => {
  it('that the system has not is refused in a line that says for what', () => {
    const refused = {
      name: 'StartError',
      exitCode: EXIT_FAILED,
      message: expect.stringMatching(/^no memory for 9999 shards: /),
    };
    expect(() => planMemory(9_999)).toThrow(expect.objectContaining(refused));
  });

  it.each([1, 2, 64])('has room for all it is planned for, with %i shards', (shards) => {
    const plan = new MemoryPlan(shards);
    expect(plan.shards).toHaveLength(shards);
    const places = plan.shards.flatMap(({ toShard, toMain }) => [toShard.place, toMain.place]);
    for (const [i, place] of places.entries()) {
      const next = places[i + 1]?.flagsAt ?? plan.arena.memory.bytes.length;
      expect(place.flagsAt + place.count * 4).toBeLessThanOrEqual(place.at);
      expect(place.at + place.count * place.bufferBytes).toBeLessThanOrEqual(next);
    }
  });
});
