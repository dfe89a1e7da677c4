import { describe, expect, it } from 'vitest';
import { MAX_ASKED_NAMES, PendingQuestions } from '../../../../src/session/program/pending-questions.ts';

const [ann, bob] = [Buffer.from('ann'), Buffer.from('bob')];
const here = { state: 'here', waiting: 2 } as const;
const away = { state: 'away', since: 5, waiting: 0 } as const;

describe('a question', () => {
  it('is answered once, when all its names are known, in the order in which it has them', () => {
    const questions = new PendingQuestions();
    const number = questions.begin('q', [bob, ann, bob]);
    expect(questions.note(0, number, ann, here)).toBeUndefined();
    expect(questions.note(0, number, bob, away)).toBeUndefined();
    expect(questions.note(0, number, bob, away)).toEqual({
      id: 'q',
      names: [
        { name: bob, standing: away },
        { name: ann, standing: here },
        { name: bob, standing: away },
      ],
    });
    expect([questions.note(0, number, bob, away), questions.empty, questions.has(number)]).toEqual([
      undefined,
      true,
      false,
    ]);
  });

  it('is not answered if a shard crashed that had it, and is if that had not got it yet, or had answered', () => {
    const questions = new PendingQuestions();
    const [had, hasNot, answered] = ['had', 'has not', 'answered'].map((id) => questions.begin(id, [ann, bob]));
    questions.put(had as number, [0, 1], [3, 7]);
    questions.put(hasNot as number, [0, 1], [4, 7]);
    questions.put(answered as number, [0, 1], [3, 7]);
    questions.note(0, answered as number, ann, here);
    expect(questions.lost(0, { outboxes: [{ posts: 4 }, { posts: 9 }] })).toEqual(['had']);
    expect(questions.has(had as number)).toBe(false);
    for (const number of [hasNot as number, answered as number]) expect(questions.has(number)).toBe(true);
    expect(questions.lost(1, { outboxes: [{ posts: 4 }, { posts: 9 }] })).toEqual(['has not', 'answered']);
    expect(questions.empty).toBe(true);
  });
});

it('questions are full at so many names, and not below', () => {
  const questions = new PendingQuestions();
  const most = Array.from({ length: MAX_ASKED_NAMES - 1 }, () => ann);
  questions.begin('q', most);
  expect(questions.full).toBe(false);
  const number = questions.begin('r', [bob]);
  expect(questions.full).toBe(true);
  questions.note(0, number, bob, here);
  expect(questions.full).toBe(false);
});
