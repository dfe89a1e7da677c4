/** What a program of the swarm has sent: each id gets one answer, with one outcome for each name. */
import { beforeEach, describe, expect, it } from 'vitest';
import { letter } from '../../../../workers/swarm/messages.ts';
import { Sends } from '../../../../workers/swarm/voices/sends.ts';

const TO_TWO = letter(
  [
    { recipient: 0, number: 5 },
    { recipient: 1, number: 9 },
  ],
  77,
  ['ann', 'bob'],
);
let violations: string[];
let sends: Sends;

beforeEach(() => {
  violations = [];
  sends = new Sends((what) => violations.push(what));
  expect(JSON.parse(sends.send(TO_TWO))).toEqual({
    type: 'send',
    id: 'm-1',
    to: ['ann', 'bob'],
    body: 't=77 n=0:5,1:9',
  });
});

describe('a message of a program', () => {
  it('is answered with what became of it', () => {
    expect(sends.accepted('m-1', { ann: 'taken', bob: 'held' }, false)).toBe(0);
    expect([violations, sends.giveUp()]).toEqual([[], []]);
  });

  it('may be refused', () => {
    expect(sends.accepted('m-1', { ann: 'full', bob: 'unknown' }, false)).toBe(2);
    expect(violations).toEqual([]);
  });

  it('is answered once', () => {
    sends.accepted('m-1', { ann: 'taken', bob: 'held' }, false);
    sends.accepted('m-1', { ann: 'taken', bob: 'held' }, false);
    expect(violations).toEqual(['was told what became of m-1, which waits for no outcome']);
  });

  it.each([
    [
      'a name too few',
      { ann: 'taken' },
      false,
      ['was told 1 outcomes of m-1', 'was told that m-1 is undefined for bob'],
    ],
    ['a name too many', { ann: 'taken', bob: 'held', eve: 'held' }, false, ['was told 3 outcomes of m-1']],
    ['an outcome that there is not', { ann: 'taken', bob: 'lost' }, false, ['was told that m-1 is lost for bob']],
    ['no outcomes', undefined, false, ['was told what became of m-1, which waits for no outcome']],
    ['a duplicate', { ann: 'taken', bob: 'held' }, true, ['was told that m-1, which it sent once, is a duplicate']],
  ])('is not answered with %s', (_, to, duplicate, seen) => {
    sends.accepted('m-1', to, duplicate);
    expect(violations).toEqual(seen);
  });

  it('is in doubt when the connection ends first, and is not answered on the next', () => {
    expect(sends.giveUp()).toEqual([TO_TWO]);
    sends.accepted('m-1', { ann: 'taken', bob: 'held' }, false);
    expect(violations).toEqual(['was told what became of m-1, which waits for no outcome']);
  });
});
