import { expect, it } from 'vitest';
import { Backlog, MAX_WAITING_ANSWER_BYTES } from '../../../../src/session/program/backlog.ts';

function bench() {
  const steps: (() => void)[] = [];
  const pending = { full: false };
  const questions = { full: false };
  const answers = { bytes: 0 };
  const backlog = new Backlog(pending, questions, answers, { atEnd: (step) => steps.push(step) });
  const endTurn = () => {
    for (const step of steps.splice(0)) step();
  };
  return { pending, questions, answers, backlog, endTurn };
}

it('a backlog is full by answers that wait, or by requests that are not answered', () => {
  const { pending, questions, answers, backlog } = bench();
  answers.bytes = MAX_WAITING_ANSWER_BYTES;
  expect(backlog.isFull).toBe(false);
  answers.bytes++;
  expect(backlog.isFull).toBe(true);
  answers.bytes = 0;
  pending.full = true;
  expect(backlog.isFull).toBe(true);
  pending.full = false;
  expect(backlog.isFull).toBe(false);
  questions.full = true;
  expect(backlog.isFull).toBe(true);
});

it('who waits for it goes on once, at the end of the turn in which it is full no more', () => {
  const { pending, backlog, endTurn } = bench();
  let resumed = 0;
  pending.full = true;
  backlog.waitFor(() => {
    resumed++;
  });
  backlog.shrunk();
  endTurn();
  expect(resumed).toBe(0);
  pending.full = false;
  backlog.shrunk();
  backlog.shrunk();
  expect(resumed).toBe(0);
  endTurn();
  expect(resumed).toBe(1);
});

it('who has gone is not called', () => {
  const { backlog, endTurn } = bench();
  let resumed = false;
  backlog.waitFor(() => {
    resumed = true;
  });
  backlog.shrunk();
  backlog.forget();
  endTurn();
  expect(resumed).toBe(false);
});
