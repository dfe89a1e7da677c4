import { describe, expect, it } from 'vitest';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

const TEN_PERCENT = { reservePercent: 10 };
const away = (settings = {}) => new ShardBench({ ...TEN_PERCENT, ...settings }).attach(1, 'bob').leave(1).work();

/** So many messages of one sender. */
function send(bench: ShardBench, count: number, sender: number, name: string, to = 'bob'): ShardBench {
  for (let i = 0; i < count; i++) bench.messageFrom(sender, name, to, 'x');
  return bench.work();
}

describe('the last part of the limit of a mailbox', () => {
  it('is not for one sender alone', () => {
    const bench = send(away({ mailboxMaxMessages: 20 }), 30, 8, 'mallory');
    expect(bench.stats).toMatchObject({ heldMessages: 18 + 1, dropped: { MAILBOX_MESSAGES: 11 } });
  });

  it('takes one message each of others, up to the limit', () => {
    const bench = send(away({ mailboxMaxMessages: 20 }), 30, 8, 'mallory');
    send(bench, 2, 9, 'carol');
    expect(bench.stats.heldMessages).toBe(20);
    expect(send(bench, 1, 10, 'dave').stats.heldMessages).toBe(20);
    expect(bench.notices).toEqual(['8 held bob', '8 full bob', '9 held bob', '9 full bob', '10 full bob']);
  });

  it('knows a sender by name, who has come again', () => {
    const bench = send(away({ mailboxMaxMessages: 20 }), 30, 8, 'mallory');
    expect(send(bench, 1, 11, 'mallory').stats.heldMessages).toBe(19);
  });

  it('is free again when it was read', () => {
    const bench = send(away({ mailboxMaxMessages: 20 }), 30, 8, 'mallory');
    bench.attach(2, 'bob').write(2).leave(2).work();
    expect(send(bench, 30, 8, 'mallory').stats.heldMessages).toBe(19);
  });

  it('is one of its bytes too', () => {
    const frame = Buffer.byteLength('from mallory: x\n');
    const bench = send(away({ mailboxMaxBytes: frame * 20 }), 30, 8, 'mallory');
    expect(bench.stats).toMatchObject({ heldMessages: 19, dropped: { MAILBOX_BYTES: 11 } });
  });

  it('may be lifted', () => {
    expect(send(away({ mailboxMaxMessages: 20, reservePercent: 0 }), 30, 8, 'mallory').stats.heldMessages).toBe(20);
  });
});

describe('the last part of the limit of all mailboxes', () => {
  it('is not for one sender alone, and takes one message each of others', () => {
    const bench = away();
    bench.budget.free = 0;
    send(bench, 5, 8, 'mallory');
    send(bench, 5, 9, 'carol');
    expect(bench.stats).toMatchObject({ heldMessages: 2, dropped: { HELD_BYTES: 8 } });
    expect(bench.budget.used).toBe(bench.stats.heldBytes);
  });

  it('is free again when less is held', () => {
    const bench = away();
    bench.budget.free = 0;
    send(bench, 5, 8, 'mallory');
    bench.budget.free = 1000;
    send(bench, 1, 9, 'carol');
    bench.budget.free = 0;
    expect(send(bench, 5, 8, 'mallory').stats.heldMessages).toBe(3);
  });
});

describe('a limit that is reached', () => {
  it('is said with the name of a mailbox, or without one, each at most once a minute', () => {
    const bench = send(away({ mailboxMaxMessages: 1 }), 3, 8, 'mallory');
    bench.budget.max = 0;
    bench.attach(2, 'eve').leave(2).work();
    send(bench, 3, 8, 'mallory', 'eve');
    const said = bench.said.filter((value) => value.kind === 'limited');
    expect(said).toEqual([
      { kind: 'limited', limit: 'MAILBOX_MAX_MESSAGES', name: 'bob' },
      { kind: 'limited', limit: 'HELD_MAX_BYTES', name: '' },
    ]);
  });
});
