/** What a session has put for its shard, and whether the shard has been told of it. */
import type { MessagePort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { HashPlacement } from '../../../src/router/placement.ts';
import { Router } from '../../../src/router/router.ts';
import { ShardAttachment } from '../../../src/session/shard-attachment.ts';
import { PaperPort } from '../../helpers/unit/outbox.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';

const NAME = Buffer.from('bob');

function bench() {
  const steps: (() => void)[] = [];
  const router = new Router(new HashPlacement(1), { endOfTurn: (step) => steps.push(step) });
  router.outbox(0).connect(new PaperPort().asPort as MessagePort, undefined);
  const endTurn = () => {
    for (const step of steps.splice(0)) step();
    router.outbox(0).acknowledge(0);
  };
  return { router, endTurn };
}

it('a shard is told of an attachment, and of its end, when what was put for it is posted', () => {
  const { router, endTurn } = bench();
  const attachment = new ShardAttachment(1, router);
  const told = () => [attachment.introduced, attachment.gone];
  expect([attachment.name, attachment.shard, told()]).toEqual([undefined, -1, [false, false]]);
  attachment.ask(NAME, NO_PROGRESS, undefined, false);
  expect([attachment.name, attachment.shard, told()]).toEqual([NAME, 0, [false, false]]);
  endTurn();
  expect(told()).toEqual([true, false]);
  attachment.returned(false, NO_PROGRESS, []);
  endTurn();
  expect(told()).toEqual([true, false]);
  attachment.returned(true, NO_PROGRESS, []);
  expect(told()).toEqual([true, false]);
  endTurn();
  expect(told()).toEqual([true, true]);
});

it('who has come first has the lower place, and who has no name has nothing to return', () => {
  const { router, endTurn } = bench();
  const [first, second, nameless] = [1, 2, 3].map((number) => new ShardAttachment(number, router));
  first?.ask(NAME, NO_PROGRESS, undefined, false);
  second?.ask(NAME, NO_PROGRESS, undefined, false);
  expect(first?.place).toBeLessThan(second?.place ?? 0);
  endTurn();
  nameless?.returned(true, NO_PROGRESS, []);
  expect(router.outbox(0).batch.used).toBe(0);
});
