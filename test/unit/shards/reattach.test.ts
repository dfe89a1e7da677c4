/** What a new shard is told of the peers that its crashed one knew. */
import { expect, it } from 'vitest';
import { type Reattachable, reattachment } from '../../../src/shards/reattach.ts';
import { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import type { Standing } from '../../../src/shared/wire/records.ts';
import { valuesToShard } from '../../helpers/unit/records.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';

function session(number: number, place: number, standing: Standing): Reattachable {
  const writer = { progress: NO_PROGRESS, rejectedNumbers: [] };
  const attachment = { place, introduced: true, gone: false };
  return { number, standing, name: Buffer.from('bob'), attachment, writer };
}

/** The numbers that are attached again, and whether each can only send. */
function attachedAgain(...sessions: readonly Reattachable[]): [number, boolean][] {
  const { first } = reattachment(sessions, new BatchBuilder());
  const values = first === undefined ? [] : valuesToShard(first).values;
  return values.flatMap((value): [number, boolean][] =>
    value.kind === 'attach' ? [[value.number, value.sendOnly]] : [],
  );
}

it('who had the name comes first, then who waits, in the order they came and not that of their connections', () => {
  const sessions = [
    session(1, 9, 'asked'),
    session(2, 7, 'waiting'),
    session(3, 8, 'waiting'),
    session(4, 6, 'receiving'),
  ];
  expect(attachedAgain(...sessions)).toEqual([
    [4, false],
    [2, false],
    [3, false],
    [1, false],
  ]);
});

it('who takes the name over does so again, after all that came before it', () => {
  const taker = session(3, 3, 'waiting');
  const sessions = [{ ...taker, attachment: { ...taker.attachment, proven: true } }, session(1, 1, 'send-only')];
  const { first } = reattachment([...sessions, session(2, 2, 'receiving')], new BatchBuilder());
  const values = first === undefined ? [] : valuesToShard(first).values;
  const told = values.map((value) => value.kind === 'attach' && [value.number, value.proven === true]);
  expect(told).toEqual([
    [2, false],
    [1, false],
    [3, true],
  ]);
});

it('the numbers that a program has rejected are told with what it was handed', () => {
  const rejecting = { ...session(1, 1, 'receiving'), writer: { progress: NO_PROGRESS, rejectedNumbers: [7, 9] } };
  const { handed } = reattachment([rejecting, session(2, 2, 'receiving')], new BatchBuilder());
  expect(handed.map(({ rejectedNumbers }) => rejectedNumbers)).toEqual([[7, 9], []]);
});

it('who could only send can still only send, and who was refused is nobody', () => {
  const sessions = [session(1, 1, 'send-only'), session(2, 2, 'refused'), session(3, 3, 'receiving')];
  expect(attachedAgain(...sessions)).toEqual([
    [3, false],
    [1, true],
  ]);
});
