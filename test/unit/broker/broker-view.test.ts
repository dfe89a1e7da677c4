/** The view of a broker: of one on paper, and of one that runs. */
import { describe, expect, it } from 'vitest';
import { brokerView, MAX_LISTED_SESSIONS } from '../../../src/broker/broker-view.ts';
import { DROP_REASONS, type DropReason } from '../../../src/shared/codes/drops.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import { startBroker } from '../../helpers/broker.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';
import { until } from '../../helpers/until.ts';
import { paperAdmin } from './http/paper.ts';

const paths = (n: number) => ({ fed: n, held: n, queued: n, repeats: n, redelivered: n });

function shard(figure: number, dropped: Partial<Record<DropReason, number>> = {}): ShardStats {
  const none = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
  const figures = { names: figure, namesAway: figure, attachments: figure, heldMessages: figure, heldBytes: figure };
  const more = { memoryBytes: figure, delivered: figure, returned: figure, malformed: figure, ...paths(figure) };
  return { ...figures, ...more, dropped: { ...none, ...dropped } };
}

const bob = {
  number: 7,
  name: Buffer.from('b\u001bob'),
  peer: '127.0.0.1:9',
  standing: 'receiving',
  // The sums have passed 2^31 since.
  writer: {
    progress: {
      ...NO_PROGRESS,
      handedFrames: -(2 ** 31),
      writtenFrames: 2 ** 31 - 2,
      handedBytes: 50,
      writtenBytes: 20,
    },
  },
} as const;

const nobody = {
  number: 8,
  name: undefined,
  peer: '127.0.0.1:10',
  standing: 'unnamed',
  writer: { progress: NO_PROGRESS },
} as const;

/** A broker on paper. */
function paper(shards: (ShardStats | undefined)[], sessions: readonly (typeof bob | typeof nobody)[] = []) {
  const paperBroker = { listening: true, stopped: 0 };
  const view = brokerView<typeof bob | typeof nobody>({
    health: () => ({
      draining: false,
      listens: paperBroker.listening,
      hasRoom: true,
      store: 'open',
      shardsUp: shards.map((stats) => stats !== undefined),
    }),
    figures: () => Promise.reject(new Error('it has no figures')),
    shardStats: async () => shards,
    reload: async () => ({ kind: 'stopping' }),
    open: new Map(sessions.map((session) => [session, { connectedAt: 1_000 + session.number }])),
    stop: async () => void paperBroker.stopped++,
    admin: paperAdmin(),
  });
  return { view, paperBroker };
}

describe('the view of a broker', () => {
  it('adds up what its shards have done and hold, with a label for each reason of a drop', async () => {
    const { view } = paper(
      [shard(1, { UNKNOWN_NAME: 2, TOO_OLD: 5 }), undefined, shard(2, { UNKNOWN_NAME: 1 })],
      [bob],
    );
    const all = { names: 3, namesAway: 3, attachments: 3, heldMessages: 3, heldBytes: 3, memoryBytes: 3 };
    expect(await view.stats()).toEqual({
      ...all,
      ...paths(3),
      ...{ delivered: 3, returned: 3, malformed: 3, connections: 1, shards: 3, shardsUp: 2 },
      dropped: {
        ...{ unknown_name: 3, mailbox_messages: 0, mailbox_bytes: 0, held_bytes: 0, store_unwritable: 0 },
        ...{ too_old: 5, expired: 0, purged: 0, nothing_held: 0, rejected: 0, mail_damaged: 0 },
      },
    });
  });

  it('lists sessions with their names made safe, and what their writers have not written', () => {
    const of = { peer: '127.0.0.1:9', standing: 'receiving', since: 1_007, waitingMessages: 2, waitingBytes: 30 };
    expect(paper([], [bob, nobody]).view.sessions()).toEqual([
      { session: 7, name: 'b\\u{1b}ob', ...of },
      {
        ...{ session: 8, name: undefined, peer: '127.0.0.1:10', standing: 'unnamed', since: 1_008 },
        ...{ waitingMessages: 0, waitingBytes: 0 },
      },
    ]);
  });

  it('lists no more sessions than it may, the oldest', () => {
    const crowd = Array.from({ length: MAX_LISTED_SESSIONS + 5 }, () => ({ ...nobody }));
    const listed = paper([], [bob, ...crowd]).view.sessions();
    expect([listed.length, listed[0]?.session]).toEqual([MAX_LISTED_SESSIONS, 7]);
  });

  it('is ready while connections are accepted and no shard is down', () => {
    expect(paper([shard(0), undefined]).view.ready()).toBe(false);
    const { view, paperBroker } = paper([shard(0)]);
    expect(view.ready()).toBe(true);
    paperBroker.listening = false;
    expect(view.ready()).toBe(false);
  });

  it('stops the broker', async () => {
    const { view, paperBroker } = paper([]);
    await view.drain();
    expect(paperBroker.stopped).toBe(1);
  });
});

it('a broker that runs shows itself, and is not ready while a shard is down, nor from its stop on', async () => {
  const before = Date.now();
  await using broker = await startBroker({ SHARDS: 1 });
  const { view } = broker.broker;
  const peer = await broker.peer('alice');
  expect(view.ready()).toBe(true);
  const [session, ...others] = view.sessions();
  expect([session?.name, session?.standing, others]).toEqual(['alice', 'receiving', []]);
  expect(session?.peer).toBe(`127.0.0.1:${peer.port}`);
  expect(session?.since).toBeGreaterThanOrEqual(before);
  expect(await view.stats()).toMatchObject({ names: 1, connections: 1, shards: 1, shardsUp: 1 });
  await broker.broker.control(0)?.throwAtNextBatch('shard');
  void broker.broker.flushed();
  await until(() => broker.broker.control(0) === undefined, 'the crash');
  expect([view.ready(), await view.stats()]).toMatchObject([false, { names: 0, shardsUp: 0 }]);
  await until(() => view.ready(), 'the shard to be there again');
  const stopped = view.drain();
  expect(view.ready()).toBe(false);
  await stopped;
});
