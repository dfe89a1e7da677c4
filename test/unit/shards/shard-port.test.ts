/** The main thread's end of a data port, in the turns of the event loop. */
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/session/reader/turns.ts';
import { ShardPort } from '../../../src/shards/thread/shard-port.ts';
import { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { PostRing } from '../../../src/shared/memory/post-ring.ts';
import type { PostedValue } from '../../../src/shared/wire/batch.ts';

/** A port, its turns, and the ring that the shard fills. `wakes` is whether the shard's next post wakes this thread. */
function scene(taken: (value: PostedValue) => void) {
  const memory = new Memory(new SharedArrayBuffer(2 * PostRing.BYTES));
  const rings = { toShard: new PostRing(memory, 0), toMain: new PostRing(memory, PostRing.BYTES) };
  const ends: (() => void)[] = [];
  const turns = new Turns((step) => ends.push(step));
  const looks = new TurnLooks();
  turns.watch(looks);
  const port = new ShardPort({ postMessage: () => undefined, receive: () => undefined }, rings, looks);
  port.listen(taken);
  return {
    port,
    turns,
    post: (value: number) => {
      rings.toMain.tryPut(value, 0);
      return { wakes: rings.toMain.mustWake() };
    },
    endTurn: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}

describe('the end of a data port', () => {
  it('is woken when nothing happens in this thread', () => {
    const taken: PostedValue[] = [];
    const { port, post } = scene((value) => taken.push(value));
    expect(post(1)).toEqual({ wakes: true });
    port.look();
    expect([taken, post(2)]).toEqual([[1], { wakes: true }]);
  });

  it('need not be woken in a turn, and looks at its end', () => {
    const taken: PostedValue[] = [];
    const { turns, post, endTurn } = scene((value) => taken.push(value));
    turns.atEnd(() => undefined);
    expect(post(1)).toEqual({ wakes: false });
    endTurn();
    expect([taken, post(2)]).toEqual([[1], { wakes: true }]);
  });

  it('need not be woken in a turn that begins with what it takes', () => {
    const taken: PostedValue[] = [];
    const { port, turns, post, endTurn } = scene((value) => {
      taken.push(value);
      turns.atEnd(() => undefined);
    });
    post(1);
    port.look();
    expect(post(2)).toEqual({ wakes: false });
    endTurn(); // it takes 2, which begins the next turn
    expect(post(3)).toEqual({ wakes: false });
    endTurn();
    expect(taken).toEqual([1, 2, 3]);
  });

  it('passes nothing on when it is closed', () => {
    const taken: PostedValue[] = [];
    const { port, turns, post, endTurn } = scene((value) => taken.push(value));
    port.close();
    turns.atEnd(() => undefined);
    post(1);
    endTurn();
    expect(taken).toEqual([]);
  });
});
