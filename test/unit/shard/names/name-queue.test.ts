import { describe, expect, it } from 'vitest';
import { Attachment } from '../../../../workers/names/attachment.ts';
import { Name } from '../../../../workers/names/name.ts';
import { MAX_WAITING_A_NAME, NameQueue } from '../../../../workers/names/name-queue.ts';
import { NO_PROGRESS } from '../../../helpers/unit/shard/bench.ts';

const [BOB, EVE] = [new Name(Buffer.from('bob'), 0, 1), new Name(Buffer.from('eve'), 0, 1)] as const;
const peer = (number: number, name = BOB) => new Attachment(number, name, NO_PROGRESS, 1000);

describe('peers that wait for a name', () => {
  it('get it in the order in which they came, each name by itself', () => {
    const waiting = new NameQueue();
    for (const each of [peer(1), peer(2, EVE), peer(3)]) expect(waiting.add(each)).toBe(true);
    expect([BOB, BOB, BOB, EVE, EVE].map((name) => waiting.next(name)?.number)).toEqual([
      1,
      3,
      undefined,
      2,
      undefined,
    ]);
  });

  it('can leave, and wait no more then', () => {
    const waiting = new NameQueue();
    const [first, second] = [peer(1), peer(2)] as const;
    waiting.add(first);
    waiting.add(second);
    waiting.remove(first);
    waiting.remove(first);
    expect([waiting.has(first), waiting.has(second), waiting.next(BOB)]).toEqual([false, true, second]);
    expect(waiting.has(second)).toBe(false);
  });

  it('are so many at most', () => {
    const waiting = new NameQueue();
    const taken = Array.from({ length: MAX_WAITING_A_NAME + 1 }, (_, i) => waiting.add(peer(i + 1)));
    expect(taken.indexOf(false)).toBe(MAX_WAITING_A_NAME);
    expect(waiting.add(peer(1000, EVE))).toBe(true);
    waiting.next(BOB);
    expect(waiting.add(peer(1001))).toBe(true);
  });
});
