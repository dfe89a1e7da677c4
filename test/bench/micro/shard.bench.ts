/** The decisions of a shard: mail for peers that are here, and mail that is held. The store is on paper. */
import { expect } from 'vitest';
import { MESSAGES, names, postOfLines } from './parts/mail.ts';
import { measure } from './parts/measure.ts';
import { ShardTurns } from './parts/turns.ts';

const CROWD = names(100);
const AWAY = names(10);

/** Rounds of the same post to peers that are here and read. */
function measureLive(name: string, peers: readonly string[], to: readonly (readonly string[])[]): void {
  const lines = MESSAGES / (to[0]?.length ?? 0);
  const post = postOfLines(to, lines);
  const turns = new ShardTurns();
  turns.attach(peers, 1);
  const { writes } = turns.store;
  const round = () => {
    const before = turns.frames;
    turns.turn(post);
    return turns.frames - before;
  };
  expect([round(), round()]).toEqual([MESSAGES, MESSAGES]);
  expect(turns.shard.stats()).toMatchObject({ delivered: 2 * MESSAGES, heldMessages: 0, malformed: 0 });
  expect([turns.store.writes, turns.notices]).toEqual([writes, []]); // live mail never sees the store
  measure(name, MESSAGES, round);
}

const mail = postOfLines(
  AWAY.map((name) => [name]),
  MESSAGES,
);

/** Mail for who has been here and left. Each round has a shard and a store of its own, or both would grow and grow. */
function hold(): ShardTurns {
  const turns = new ShardTurns();
  turns.attach(AWAY, 1);
  turns.leave(AWAY, 1);
  turns.turn(mail);
  return turns;
}

/** The same, and then they are back, and read it. */
function holdAndBringBack(): ShardTurns {
  const turns = hold();
  turns.attach(AWAY, 1 + AWAY.length);
  turns.reportWritten();
  return turns;
}

const held = hold();
expect([held.frames, held.notices]).toEqual([0, AWAY.map(() => 'held')]);
expect([held.store.keys('n').length, held.store.keys('m').length]).toEqual([AWAY.length, MESSAGES]);
expect(held.shard.stats()).toMatchObject({ heldMessages: MESSAGES, delivered: 0, malformed: 0 });
const back = holdAndBringBack();
expect([back.frames, back.store.keys('m')]).toEqual([MESSAGES, []]);
expect(back.shard.stats()).toMatchObject({ heldMessages: 0, delivered: MESSAGES, malformed: 0 });

measureLive(`${MESSAGES} messages to one peer that is here`, ['peer0000'], [['peer0000']]);
measureLive(
  `${MESSAGES} messages to ${CROWD.length} peers in turn`,
  CROWD,
  CROWD.map((name) => [name]),
);
measureLive(`${MESSAGES / CROWD.length} messages to ${CROWD.length} peers each`, CROWD, [CROWD]);
// The index records of the names stay in the store, which so has an entry more for each.
measure(`hold ${MESSAGES} messages for ${AWAY.length} names`, MESSAGES + AWAY.length, () => hold().store.entries.size);
measure(`hold ${MESSAGES} messages for ${AWAY.length} names, and bring them back`, MESSAGES, () => {
  const { store, frames } = holdAndBringBack();
  return store.entries.size === AWAY.length ? frames : Number.NaN;
});
