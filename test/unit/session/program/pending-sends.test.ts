import { describe, expect, it } from 'vitest';
import { MAX_PENDING_NAMES, PendingSends } from '../../../../src/session/program/pending-sends.ts';
import { outcome } from '../../../../src/shared/wire/events.ts';

const [ann, bob] = [Buffer.from('ann'), Buffer.from('bob')];
/** The posts of two outboxes. */
const posts = [3, 7];

describe('a send', () => {
  it('is answered once, when what became of it is known for each of its names', () => {
    const sends = new PendingSends();
    const number = sends.begin('m', 3);
    expect(sends.note(0, outcome('taken', ann, number))).toBeUndefined();
    expect(sends.note(0, outcome('held', bob, number))).toBeUndefined();
    expect(sends.note(0, outcome('held', bob, number))).toEqual({
      id: 'm',
      to: [
        ['ann', 'taken'],
        ['bob', 'held'],
        ['bob', 'held'],
      ],
      duplicate: false,
    });
    expect([sends.note(0, outcome('held', bob, number)), sends.empty]).toEqual([undefined, true]);
  });

  it('has a number of its own, and may have an id that another has', () => {
    const sends = new PendingSends();
    const numbers = [sends.begin('m', 1), sends.begin('m', 1)];
    expect(new Set(numbers).size).toBe(2);
    expect(numbers.map((number) => sends.note(0, outcome('full', bob, number)))).toEqual(
      numbers.map(() => ({ id: 'm', to: [['bob', 'full']], duplicate: false })),
    );
  });

  it('is not answered if a shard crashed that had it, and is if that had not got it yet', () => {
    const sends = new PendingSends();
    const [had, hasNot, other] = [sends.begin('had', 1), sends.begin('has not', 1), sends.begin('other', 1)];
    sends.put(had, [0], posts);
    sends.put(hasNot, [0], [4]);
    sends.put(other, [1], posts);
    expect(sends.lost(0, { outboxes: [{ posts: 4 }, { posts: 9 }] })).toEqual(['had']);
    expect(sends.note(0, outcome('taken', bob, had))).toBeUndefined();
    expect(sends.note(0, outcome('taken', bob, hasNot))).toEqual({
      id: 'has not',
      to: [['bob', 'taken']],
      duplicate: false,
    });
    expect(sends.note(1, outcome('taken', bob, other))).toEqual({
      id: 'other',
      to: [['bob', 'taken']],
      duplicate: false,
    });
    expect(sends.empty).toBe(true);
  });
});

it('a send of several parts is not answered if a shard crashed with one of them, whatever was put since', () => {
  const sends = new PendingSends();
  const [answered, lost] = [sends.begin('answered', 2), sends.begin('lost', 2)];
  for (const number of [answered, lost]) sends.put(number, [0], [1]);
  sends.note(0, outcome('taken', ann, answered));
  for (const number of [answered, lost]) sends.put(number, [0], [3]);
  expect(sends.lost(0, { outboxes: [{ posts: 3 }] })).toEqual(['lost']);
  expect(sends.note(0, outcome('taken', bob, answered))).toEqual({
    id: 'answered',
    to: [
      ['ann', 'taken'],
      ['bob', 'taken'],
    ],
    duplicate: false,
  });
});

it('sends are full at so many names, and not below', () => {
  const sends = new PendingSends();
  const number = sends.begin('m', MAX_PENDING_NAMES - 1);
  expect(sends.full).toBe(false);
  sends.begin('n', 1);
  expect(sends.full).toBe(true);
  sends.note(0, outcome('taken', bob, number));
  expect(sends.full).toBe(false);
});
