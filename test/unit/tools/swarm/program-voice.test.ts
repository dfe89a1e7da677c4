/** A program of the swarm: what it says to the broker, and what it makes of the lines that it hears. */
import { beforeEach, describe, expect, it } from 'vitest';
import { zeroCounts } from '../../../../src/tools/swarm/task.ts';
import { type Letter, letter } from '../../../../workers/swarm/messages.ts';
import { ProgramVoice, WINDOW_MESSAGES } from '../../../../workers/swarm/voices/program-voice.ts';
import type { VoiceHost } from '../../../../workers/swarm/voices/voice.ts';

const TO_ANN = letter([{ recipient: 4, number: 1 }], 9, ['', '', '', '', 'ann']);

class PaperHost implements VoiceHost {
  readonly counts = zeroCounts();
  readonly mails: string[] = [];
  readonly doubts: Letter[] = [];
  readonly violations: string[] = [];
  drawn = 1;

  random(): number {
    return this.drawn;
  }

  mail(line: string, recipient: number): void {
    this.mails.push(`${recipient} ${line}`);
  }

  doubt(_sender: number, doubted: Letter): void {
    this.doubts.push(doubted);
  }

  violated(what: string): void {
    this.violations.push(what);
  }
}

let host: PaperHost;
let voice: ProgramVoice;

function hear(told: object): string {
  return voice.hear(JSON.stringify(told), 0).kind;
}

function message(seq: number, more: object = {}): string {
  return hear({ type: 'message', seq, from: 'ann', time: 1, body: `t=${seq} n=3:${seq}`, ...more });
}

beforeEach(() => {
  host = new PaperHost();
  voice = new ProgramVoice(host, 'bob', 3);
  const [hello = ''] = voice.begin();
  expect(JSON.parse(hello)).toEqual({ type: 'hello', v: 1, name: 'bob', window: WINDOW_MESSAGES });
  expect(hear({ type: 'welcome', v: 1, name: 'bob', waiting: 0, last: 0, limits: {} })).toBe('live');
});

describe('a program of the swarm', () => {
  it('works off messages, and acknowledges them', () => {
    message(1);
    message(2);
    expect(host.mails).toEqual(['3 from ann: t=1 n=3:1', '3 from ann: t=2 n=3:2']);
    expect([voice.due(0), voice.due(0)]).toEqual(['{"type":"ack","seq":2}', undefined]);
    message(3);
    expect(voice.leave()).toBe('{"type":"ack","seq":3}');
    expect(host.violations).toEqual([]);
  });

  it('acknowledges late now and then', () => {
    host.drawn = 0.05;
    message(1);
    expect(voice.due(100)).toBeDefined();
    message(2);
    expect(voice.due(100)).toBeUndefined();
    expect(voice.due(400)).toBe('{"type":"ack","seq":2}');
  });

  it('works off once what it has not acknowledged before a crash', () => {
    message(1);
    message(2);
    voice.end(false);
    voice.begin();
    hear({ type: 'welcome', name: 'bob', last: 0 });
    message(1, { redelivered: true });
    message(2, { redelivered: true });
    message(3);
    expect(host.mails).toHaveLength(3);
    expect([host.counts.redelivered, host.violations]).toEqual([2, []]);
  });

  it('is in doubt about what has no outcome when it crashes', () => {
    voice.send(TO_ANN);
    voice.send(TO_ANN);
    hear({ type: 'accepted', id: 'm-1', to: { ann: 'taken' }, duplicate: false });
    voice.end(false);
    expect([host.doubts, host.violations]).toEqual([[TO_ANN], []]);
  });

  it('is told everything before it has left in order', () => {
    voice.send(TO_ANN);
    voice.end(true);
    expect(host.violations).toEqual(['bob left in order, and was not told what became of 1 messages']);
  });

  it('is in doubt about what a shard lost', () => {
    voice.send(TO_ANN);
    hear({ type: 'error', id: 'm-1', code: 'SHARD_RESTARTED', message: '' });
    expect([host.doubts, host.violations]).toEqual([[TO_ANN], []]);
    hear({ type: 'error', id: 'm-1', code: 'SHARD_RESTARTED', message: '' });
    expect(host.violations).toHaveLength(1);
  });

  it('counts what is refused', () => {
    voice.send(TO_ANN);
    hear({ type: 'accepted', id: 'm-1', to: { ann: 'full' }, duplicate: false });
    expect([host.counts.refusals, host.violations]).toEqual([1, []]);
  });

  it('takes a bye for the reason of the end, and waits for a name that is taken', () => {
    expect(voice.hear('{"type":"bye","code":"STOPPING","message":"it stops"}', 0)).toEqual({
      kind: 'reason',
      text: 'STOPPING: it stops',
    });
    expect(voice.hear('{"type":"waiting","name":"bob"}', 0)).toEqual({ kind: 'taken', waits: true });
  });

  it.each([
    ['no JSON', '* you are bob'],
    ['JSON of no type', 'null'],
    ['an unknown type', '{"type":"shout"}'],
    ['a second welcome', '{"type":"welcome","name":"bob","last":0}'],
    ['a message without a seq', '{"type":"message","from":"ann","body":"x"}'],
    ['an error that it has not earned', '{"type":"error","code":"BAD_REQUEST","message":"body: none"}'],
  ])('reports %s', (_, line) => {
    voice.hear(line, 0);
    expect(host.violations).toEqual([expect.stringMatching(/^bob /)]);
  });

  it('reports a message that comes before its welcome', () => {
    voice.begin();
    message(1);
    expect([host.mails, host.violations]).toEqual([[], [expect.stringMatching(/^bob got a message/)]]);
  });
});
