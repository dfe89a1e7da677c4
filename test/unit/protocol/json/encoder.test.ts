import { describe, expect, it } from 'vitest';
import { JsonProtocol } from '../../../../src/protocol/json/json-protocol.ts';
import type { Notice } from '../../../../src/protocol/notice-line.ts';
import { messageHead } from '../../../../src/protocol/program-message.ts';
import { MAX_SHOWN_LINES, plainFrames } from '../../../../src/protocol/program-text.ts';
import type { ProgramEncoder } from '../../../../src/protocol/protocol.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { FROM_PROGRAM, REDELIVERED } from '../../../../src/shared/wire/frames/frames.ts';
import { framesOf } from '../../../helpers/unit/frames.ts';

function newEncoder(): ProgramEncoder {
  const encoder = new JsonProtocol(readConfig({}), new HashPlacement(1)).encoder();
  encoder.grant(7);
  return encoder;
}
const bob = Buffer.from('bob');
const FROM_ANN = 'from ann: ';
const head = messageHead({ id: 'm', re: 'q' }, 9);

function objects(bytes: Uint8Array): unknown[] {
  const lines = Buffer.from(bytes).toString().split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line));
}

describe('a frame for a program', () => {
  it('of a plain peer has a text as its body', () => {
    const encoder = newEncoder();
    encoder.continueBehind(2 ** 33 + 4);
    const frames = framesOf([`${FROM_ANN}say "hi" \\ é`, FROM_ANN], 0, FROM_ANN.length, [5, 6]);
    expect(objects(encoder.encode(frames).bytes)).toEqual([
      { type: 'message', seq: 2 ** 33 + 5, from: 'ann', body: 'say "hi" \\ é' },
      { type: 'message', seq: 2 ** 33 + 6, from: 'ann', body: '' },
    ]);
    expect(encoder.lastNumber).toBe(2 ** 33 + 6);
  });

  it('of a program is passed on as it was said, digit for digit', () => {
    const body = '{"n":12345678901234567890,"t":"a\\nb"}';
    const frames = framesOf([`${FROM_ANN}${head}${body}`], 0, FROM_ANN.length | FROM_PROGRAM, [5]);
    expect(Buffer.from(newEncoder().encode(frames).bytes).toString()).toBe(
      `{"type":"message","seq":5,"from":"ann","id":"m","re":"q","time":9,"body":${body}}\n`,
    );
  });

  it('says whether it was held, and whether it was delivered before', () => {
    const frames = framesOf([`${FROM_ANN}x`], 1_764_156_000, FROM_ANN.length | REDELIVERED, [5]);
    expect(objects(newEncoder().encode(frames).bytes)).toEqual([
      {
        type: 'message',
        seq: 5,
        from: 'ann',
        time: 1_764_156_000_000,
        body: 'x',
        held: true,
        redelivered: true,
      },
    ]);
  });

  it('has its end told, however much there is', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${FROM_ANN}${'"'.repeat(1000 + i)}`);
    const { bytes, ends } = newEncoder().encode(framesOf(lines, 0, FROM_ANN.length));
    expect(ends).toHaveLength(300);
    let start = 0;
    for (const [index, end] of ends.entries()) {
      expect(objects(bytes.subarray(start, end))).toMatchObject([{ body: '"'.repeat(1000 + index) }]);
      start = end;
    }
    expect(start).toBe(bytes.length);
  });

  it('names its sender, whatever the name has in it', () => {
    const prefix = 'from "\\\u0007: ';
    const frames = framesOf([`${prefix}x`], 0, Buffer.byteLength(prefix));
    expect(objects(newEncoder().encode(frames).bytes)).toMatchObject([{ from: '"\\\u0007' }]);
  });
});

describe('a notice for a program', () => {
  it.each<[Notice, object]>([
    [
      { code: 'WELCOME', name: bob, waitingMessages: 2, lastNumber: 38 },
      {
        type: 'welcome',
        v: 1,
        name: 'bob',
        waiting: 2,
        last: 38,
        ping: 25,
        limits: { line: 65536, destinations: 1000, window: 7 },
      },
    ],
    [
      { code: 'NAME_AWAITED', name: bob },
      { type: 'waiting', name: 'bob' },
    ],
    [{ code: 'PONG' }, { type: 'pong' }],
    [
      { code: 'BAD_REQUEST', problem: 'p', id: 'm' },
      { type: 'error', id: 'm', code: 'BAD_REQUEST', message: 'p' },
    ],
    [
      { code: 'ACCEPTED', id: 'm', to: [['bob', 'held']], duplicate: true },
      { type: 'accepted', id: 'm', to: { bob: 'held' }, duplicate: true },
    ],
    [
      { code: 'SHARD_RESTARTED', id: 'm' },
      {
        type: 'error',
        id: 'm',
        code: 'SHARD_RESTARTED',
        message: 'what became of m is not known: send it again',
        retry: 2,
      },
    ],
    [
      { code: 'NAME_UNKNOWN', name: bob, more: 0 },
      { type: 'notice', code: 'NAME_UNKNOWN', name: 'bob', count: 1, text: 'bob is unknown: mail is dropped' },
    ],
    [{ code: 'PING' }, { type: 'ping' }],
    [
      {
        code: 'ANSWERED',
        id: 'q',
        names: [
          { name: bob, standing: { state: 'here', waiting: 2 } },
          { name: bob, standing: { state: 'away', since: 1_764_150_000.9, waiting: 1 } },
          { name: bob, standing: { state: 'unknown', waiting: 0 } },
        ],
      },
      {
        type: 'who',
        id: 'q',
        names: [
          { name: 'bob', here: true, waiting: 2 },
          { name: 'bob', here: false, since: 1_764_150_000, waiting: 1 },
          { name: 'bob', here: false },
        ],
      },
    ],
    [
      { code: 'PRESENCE', name: bob, here: true, time: 9 },
      { type: 'presence', name: 'bob', here: true, time: 9 },
    ],
    [
      { code: 'WATCHES_FULL', id: 'w', max: 1_000, by: 'one program' },
      {
        type: 'error',
        id: 'w',
        code: 'WATCHES_FULL',
        message: 'one program may watch 1000 names: none of these is added',
      },
    ],
    [{ code: 'STOPPING' }, { type: 'bye', code: 'STOPPING', message: 'the broker is stopping', retry: 2 }],
    [
      { code: 'NOT_UTF8', message: 'line is not UTF-8' },
      { type: 'bye', code: 'NOT_UTF8', message: 'line is not UTF-8' },
    ],
    [
      { code: 'LEFT_OUT', count: 3 },
      { type: 'notice', code: 'LEFT_OUT', text: '3 more notices were left out' },
    ],
  ])('%j', (notice, object) => {
    const [said] = objects(newEncoder().notice(notice));
    expect(said).toEqual(object);
    expect(Object.keys(said as object)[0]).toBe('type');
  });
});

describe('a frame of a program for a plain peer', () => {
  const shown = (body: string) => {
    const frames = framesOf([`${FROM_ANN}${head}${body}`, 'from eve: plain'], 0, FROM_ANN.length | FROM_PROGRAM);
    frames.headers[5] = 'from eve: '.length;
    const { bytes, ends } = plainFrames(frames);
    const all = Buffer.from(bytes).toString();
    expect(all.slice(-'from eve: plain\n'.length)).toBe('from eve: plain\n');
    expect([...ends]).toEqual([bytes.length - 'from eve: plain\n'.length, bytes.length]);
    return all.slice(0, -'from eve: plain\n'.length);
  };

  it.each([
    ['"hi"', 'from ann: hi\n'],
    ['"a\\nb\\r\\nc\\rd"', 'from ann: a\nfrom ann: b\nfrom ann: c\nfrom ann: d\n'],
    ['""', 'from ann: \n'],
    ['"\\u001b[1m\\u2028\\u0085"', 'from ann: \u241b[1m\ufffd\ufffd\n'],
    ['{ "a" : [ 1, null ] }', 'from ann: {"a":[1,null]}\n'],
    ['7', 'from ann: 7\n'],
    ['"* a notice"', 'from ann: * a notice\n'],
    ['damaged', 'from ann: damaged\n'],
    [
      JSON.stringify('x\n'.repeat(MAX_SHOWN_LINES + 1)),
      `${'from ann: x\n'.repeat(MAX_SHOWN_LINES - 1)}from ann: x\u240ax\u240a\n`,
    ],
  ])('whose body is %s', (body, expected) => {
    expect(shown(body)).toBe(expected);
  });
});
