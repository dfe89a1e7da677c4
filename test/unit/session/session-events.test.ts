import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/protocol/notice-line.ts';
import { SessionTable } from '../../../src/session/session-table.ts';
import { news, type Outcome, outcome } from '../../../src/shared/wire/events.ts';

const BOB = Buffer.from('bob');

function bench() {
  const notices: Notice[] = [];
  const outcomes: Outcome[] = [];
  const errors: unknown[] = [];
  const table = new SessionTable({
    debug: () => undefined,
    error: (fields: unknown) => errors.push(fields),
    isLevelEnabled: () => true,
  });
  table.add({
    number: 7,
    name: Buffer.from('ann'),
    peer: 'here',
    shard: 0,
    writer: { deliver: () => undefined },
    attached: () => undefined,
    end: () => undefined,
    notice: (notice) => notices.push(notice),
    whoIs: () => undefined,
    outcome: (_shard, of) => outcomes.push(of),
    lostShard: () => undefined,
  });
  return { notices, outcomes, errors, handler: table.handler(0) };
}

describe('an event of a shard', () => {
  it('that is news becomes a notice of the session it is for', () => {
    const { notices, errors, handler } = bench();
    handler.event(7, news('held', BOB));
    handler.event(7, news('full', BOB, 3));
    handler.event(7, news('others', new Uint8Array(0), 5));
    expect([notices, errors]).toEqual([
      [
        { code: 'MAIL_HELD', name: BOB, more: 0 },
        { code: 'MAILBOX_FULL', name: BOB, more: 3 },
        { code: 'OTHERS_DROPPED', name: new Uint8Array(0), more: 5 },
      ],
      [],
    ]);
  });

  it('that is news for a session that is over is nobody’s', () => {
    const { notices, errors, handler } = bench();
    handler.event(8, news('held', BOB));
    expect([notices, errors]).toEqual([[], []]);
  });

  it('that is an outcome goes to the session that has sent the message, if that is there still', () => {
    const { outcomes, errors, handler } = bench();
    handler.event(7, outcome('held', BOB, 4));
    handler.event(8, outcome('held', BOB, 5));
    expect([outcomes, errors]).toEqual([[outcome('held', BOB, 4)], []]);
  });
});
