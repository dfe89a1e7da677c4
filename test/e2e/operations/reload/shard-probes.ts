/** What shows that a limit of the shards has changed. */
import { expect } from 'vitest';
import type { Config } from '../../../../src/shared/common/config.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { ChangingBroker } from './probe.ts';

type Settings = Partial<Record<keyof Config, string | number>>;

/** So many of `count` messages of one sender to a name that is away are held, before and after a reload. */
async function heldOf(settings: Settings, change: Partial<Config>): Promise<readonly [number, number]> {
  await using broker = await ChangingBroker.start({ HOLD_UNKNOWN: 'on', FAIR_RESERVE_PERCENT: 0, ...settings });
  const alice = await broker.test.peer('alice');
  const held = async (name: string) => {
    const before = await broker.test.held();
    alice.send(`${name}: 1234567890\n`.repeat(4));
    await broker.test.quiet();
    return (await broker.test.held()) - before;
  };
  const first = await held('bob');
  await broker.change(change);
  return [first, await held('carol')];
}

/** Whether the same id is a repeat, said again behind that of another message. */
async function isRepeated(program: ProgramPeer, id: string): Promise<unknown> {
  const seen = program.of('accepted').length;
  for (const each of [id, `${id}-other`, id]) program.say({ type: 'send', id: each, to: ['p'], body: 'x' });
  const accepted = await program.got('accepted', seen + 3);
  return accepted[seen + 2]?.duplicate ?? false;
}

async function repeats(settings: Settings, change: Partial<Config>): Promise<readonly unknown[]> {
  await using broker = await ChangingBroker.start(settings);
  const program = await ProgramPeer.hello(broker.test, { name: 'p' });
  const first = await isRepeated(program, 'a');
  await broker.change(change);
  const second = await isRepeated(program, 'b');
  program.peer.destroy();
  return [first, second];
}

/** Names of one connection each that are known, beside who asks. */
async function remembered(broker: ChangingBroker, names: readonly string[]): Promise<number> {
  for (const name of names) {
    const peer = await broker.test.peer(name);
    await peer.leave();
    await broker.test.quiet();
  }
  return (await broker.test.broker.view.stats()).namesAway;
}

export const SHARD_PROBES = {
  MAILBOX_MAX_MESSAGES: async () => {
    expect(await heldOf({ MAILBOX_MAX_MESSAGES: 2 }, { MAILBOX_MAX_MESSAGES: 3 })).toEqual([2, 3]);
  },
  MAILBOX_MAX_BYTES: async () => {
    expect(await heldOf({ MAILBOX_MAX_BYTES: 50 }, { MAILBOX_MAX_BYTES: 80 })).toEqual([2, 3]);
  },
  HELD_MAX_BYTES: async () => {
    expect(await heldOf({ HELD_MAX_BYTES: 50 }, { HELD_MAX_BYTES: Number.POSITIVE_INFINITY })).toEqual([2, 4]);
  },
  FAIR_RESERVE_PERCENT: async () => {
    const settings = { MAILBOX_MAX_MESSAGES: 4, FAIR_RESERVE_PERCENT: 50 };
    expect(await heldOf(settings, { FAIR_RESERVE_PERCENT: 0 })).toEqual([3, 4]);
  },
  MAX_NAMES: async () => {
    await using broker = await ChangingBroker.start({ MAX_NAMES: 1 });
    expect(await remembered(broker, ['a', 'b', 'c'])).toBe(1);
    await broker.change({ MAX_NAMES: 3 });
    expect(await remembered(broker, ['d', 'e', 'f'])).toBe(3);
  },
  DEDUPE_SECONDS: async () => {
    expect(await repeats({ DEDUPE_SECONDS: 0 }, { DEDUPE_SECONDS: 120 })).toEqual([false, true]);
    expect(await repeats({ DEDUPE_SECONDS: 120 }, { DEDUPE_SECONDS: 0 })).toEqual([true, false]);
  },
  DEDUPE_MAX: async () => {
    expect(await repeats({ DEDUPE_MAX: 1 }, { DEDUPE_MAX: 10 })).toEqual([false, true]);
  },
};
