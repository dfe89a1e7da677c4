/** A peer whose network fails silently is given up after PEER_SILENT_SECONDS. A peer that only does not read is not. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { FarPlace } from '../../helpers/faults/network.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { until } from '../../helpers/until.ts';

const SETTINGS = { HOST: '0.0.0.0', MAILBOX_MAX_BYTES: 'unlimited', PEER_SILENT_SECONDS: 2, DRAIN_SECONDS: 2 };
const COUNT = 800;
/** 40 MB in all: more than the buffers of any system take for one connection. */
const LARGE = 50_000;

it('a peer whose network is gone is given up, and a frozen one is not', async (context) => {
  await using place = await FarPlace.make();
  if (place === undefined) return context.skip('needs root and ip, to pull the cable of a network namespace');
  await using broker = await startBroker(SETTINGS);
  const alice = await broker.peer('alice');
  const frozen = await broker.peer('frozen');
  frozen.freeze();
  alice.send(numbered('frozen', 0, COUNT, LARGE));
  await broker.quiet();
  await until(() => (broker.backlogOf(frozen) ?? 0) > 0, 'the system to be full');

  await place.client('bob', broker.port);
  const second = await broker.peer('bob');
  await second.got('* bob is taken: you wait until it is free\n');
  place.cutOff();
  alice.send(numbered('bob', 0, COUNT, LARGE));
  await second.got('* bob is yours now');
  await gotNumber(second, 'alice', COUNT - 1);
  const back = numbersFrom('alice', second.received);
  expect(back).toEqual(range(COUNT - back.length, COUNT));
  expect(back.length).toBeGreaterThan(0);

  expect(broker.endOf(frozen)?.destroyed).toBe(false);
  frozen.freeze(false);
  await gotNumber(frozen, 'alice', COUNT - 1);
  expect(numbersFrom('alice', frozen.received)).toEqual(range(0, COUNT));
});
