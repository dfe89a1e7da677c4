import { describe, expect, it } from 'vitest';
import { type Notice, noticeLine } from '../../../src/protocol/notice-line.ts';
import { NoticeBuffer } from '../../../src/session/notice-buffer.ts';
import { Presence } from '../../../src/session/presence.ts';

const said = (notice: Notice) => Buffer.from(noticeLine(notice)).toString();
const bob = Buffer.from('bob');

describe('a notice', () => {
  it.each<[Notice, string]>([
    [{ code: 'WELCOME', name: bob, waitingMessages: 0, lastNumber: 0 }, 'you are bob'],
    [{ code: 'WELCOME', name: bob, waitingMessages: 1, lastNumber: 0 }, 'you are bob: 1 message waited'],
    [{ code: 'WELCOME', name: bob, waitingMessages: 3, lastNumber: 0 }, 'you are bob: 3 messages waited'],
    [{ code: 'MAIL_HELD', name: bob, more: 0 }, 'bob is away: mail is held'],
    [{ code: 'NAME_UNKNOWN', name: bob, more: 0 }, 'bob is unknown: mail is dropped'],
    [{ code: 'NAME_UNKNOWN', name: bob, more: 1 }, 'bob is unknown: 1 more message was dropped'],
    [{ code: 'NAME_UNKNOWN', name: bob, more: 4 }, 'bob is unknown: 4 more messages were dropped'],
    [{ code: 'MAILBOX_FULL', name: bob, more: 0 }, 'the mailbox of bob is full: mail is refused'],
    [{ code: 'MAILBOX_FULL', name: bob, more: 4 }, 'the mailbox of bob is full: 4 more messages were refused'],
    [{ code: 'MAIL_UNSTORED', name: bob, more: 0 }, 'mail for bob cannot be stored now: it is refused'],
    [{ code: 'MAIL_UNSTORED', name: bob, more: 2 }, 'mail for bob cannot be stored now: 2 more messages were refused'],
    [{ code: 'OTHERS_DROPPED', more: 9 }, '9 more messages to other names were dropped or refused'],
    [{ code: 'NO_COMMAND', word: Buffer.from('/x') }, 'there is no command /x: /help says which there are'],
    [{ code: 'WHO', names: [bob], count: 1 }, '1 is here: bob'],
    [{ code: 'WHO', names: [bob, Buffer.from('eve')], count: 2 }, '2 are here: bob, eve'],
    [{ code: 'WHO', names: [bob], count: 51 }, '51 are here; 1 of them: bob'],
    [{ code: 'WHO_IS', name: bob, standing: { state: 'here', waiting: 0 } }, 'bob is here: nothing waits'],
    [{ code: 'WHO_IS', name: bob, standing: { state: 'here', waiting: 1 } }, 'bob is here: 1 message waits'],
    [
      { code: 'WHO_IS', name: bob, standing: { state: 'away', since: 1_764_164_820, waiting: 3 } },
      'bob is away since 2025-11-26 13:47 UTC: 3 messages wait',
    ],
    [{ code: 'WHO_IS', name: bob, standing: { state: 'unknown', waiting: 0 } }, 'bob is unknown'],
  ])('%j is said in words', (notice, words) => {
    expect(said(notice)).toBe(`* ${words}\n`);
  });

  it('of several lines begins each as the broker’s own', () => {
    const lines = said({ code: 'HELP' }).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line).toMatch(/^\* \S/);
  });

  it('shows what is not to be seen in a name', () => {
    const name = Buffer.from('a\r* b\u001b\u007f\u0085\u202e\u200b\u2028\u00e9');
    expect(said({ code: 'NAME_UNKNOWN', name, more: 0 })).toBe(
      '* a\u240d* b\u241b\u2421\ufffd\ufffd\ufffd\ufffd\u00e9 is unknown: mail is dropped\n',
    );
  });
});

function never(): never {
  throw new Error('no notice is a frame');
}

describe('what is said in a turn', () => {
  const bench = (on = true) => {
    const writes: string[] = [];
    const encoder = { notice: noticeLine, encodes: () => false, encode: never };
    const writer = { notice: (lines: Uint8Array) => void writes.push(Buffer.from(lines).toString()) };
    const turns = { atEnd: (step: () => void) => void setImmediate(step) };
    return { writes, buffer: new NoticeBuffer(on, encoder, writer, turns) };
  };

  it('is one write at its end, or before what is said at once', async () => {
    const { writes, buffer } = bench();
    buffer.say({ code: 'QUIT', message: 'one' });
    buffer.say({ code: 'QUIT', message: 'two' });
    expect(writes).toEqual([]);
    buffer.sayNow({ code: 'QUIT', message: 'three' });
    expect(writes).toEqual(['* one\n* two\n', '* three\n']);
    buffer.say({ code: 'QUIT', message: 'four' });
    await new Promise(setImmediate);
    expect(writes.slice(2)).toEqual(['* four\n']);
  });

  it('waits for what is to be said first', async () => {
    const { writes, buffer } = bench();
    buffer.hold();
    buffer.say({ code: 'QUIT', message: 'two' });
    await new Promise(setImmediate);
    expect(writes).toEqual([]);
    buffer.begin({ code: 'QUIT', message: 'one' });
    buffer.say({ code: 'QUIT', message: 'three' });
    await new Promise(setImmediate);
    expect(writes).toEqual(['* one\n* two\n', '* three\n']);
  });

  it('is not more than fits, and what is left out is counted', () => {
    const { writes, buffer } = bench();
    for (let i = 0; i < 1_000; i++) buffer.say({ code: 'QUIT', message: 'x'.repeat(97) });
    expect(buffer.full).toBe(true);
    buffer.flush();
    const lines = (writes[0] ?? '').trimEnd().split('\n');
    expect(writes[0]?.length).toBeLessThan(17_000);
    expect(lines.at(-1)).toBe(`* ${1_000 - lines.length + 1} more notices were left out`);
    expect(buffer.full).toBe(false);
  });

  it('is nothing where notices are off', () => {
    const { writes, buffer } = bench(false);
    buffer.sayNow({ code: 'HINT' });
    expect([writes, buffer.full]).toEqual([[], true]);
  });
});

it('those who are here are counted, and at most 50 of them listed', () => {
  const presence = new Presence();
  const peers = Array.from({ length: 60 }, (_, i) => ({ name: Buffer.from(`p${i}`) }));
  for (const peer of peers) presence.enter(peer);
  for (const peer of peers.slice(0, 5)) presence.leave(peer);
  expect([presence.count, presence.names().length]).toEqual([55, 50]);
  expect(presence.names()[0]).toEqual(Buffer.from('p5'));
});
