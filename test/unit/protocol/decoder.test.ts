/** The plain protocol as a session sees it: steps, and fields that say what each has found. */
import { describe, expect, it } from 'vitest';
import { PlainProtocol } from '../../../src/protocol/plain/plain-protocol.ts';
import type { Decoder } from '../../../src/protocol/protocol.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { readConfig } from '../../../src/shared/common/config.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../src/shared/memory/piece-buffers.ts';

function protocol(env: Record<string, string> = {}): PlainProtocol {
  return new PlainProtocol(readConfig(env), new HashPlacement(3));
}

function decoder(env: Record<string, string> = {}): Decoder {
  return protocol(env).decoder(new Memory(new ArrayBuffer(8)), NO_PLACES);
}

/** What the step at hand has found, in words. */
function found(of: Decoder, step = of.next()): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  switch (step) {
    case 'more':
      return step;
    case 'login':
      return `login ${text(of.name)}`;
    case 'send': {
      const names = of.to.names();
      const to = Array.from({ length: of.to.count }, (_, i) =>
        text(names.line.bytes.subarray(names.starts[i], names.ends[i])),
      );
      return `to ${to.join('|')}: ${text(of.text.line.bytes.subarray(of.text.bodyStart, of.text.bodyEnd))}`;
    }
    case 'command':
      return `command ${of.command.kind}`;
    case 'nothing':
      return `nothing, ${of.notice?.code}`;
    case 'program':
    case 'ack':
    case 'question':
      return step;
    case 'wrong':
      return `wrong: ${of.error.code}`;
    default:
      return step satisfies never;
  }
}

/** All that is found in a stream that comes in one piece. */
function all(stream: string, env: Record<string, string> = {}): string[] {
  const of = decoder(env);
  of.feed(Buffer.from(stream));
  of.finish();
  const steps: string[] = [];
  for (let step = found(of); step !== 'more'; step = found(of)) {
    steps.push(step);
    if (step.startsWith('wrong')) break;
  }
  return steps;
}

describe('a stream', () => {
  it('is a name, and then messages, commands, and what says nothing', () => {
    expect(all('bob\neve: hi\neve , joe: a, b\n/who\n\nhello\nhello\nlast: line')).toEqual([
      'login bob',
      'to eve: hi',
      'to eve|joe: a, b',
      'command who',
      'nothing, undefined',
      'nothing, HINT',
      'nothing, undefined',
      'to last: line',
    ]);
  });

  it('has no commands where notices are off, and no line is rewritten where it is not strict', () => {
    expect(all('bob\n/who\n/who: \x1b\n', { NOTICES: 'off' })).toEqual([
      'login bob',
      'nothing, HINT',
      'to /who: \u241b',
    ]);
    expect(all('bob\n/x\nb: \x1b\n', { STRICT: 'off' })).toEqual(['login bob', 'nothing, HINT', 'to b: \x1b']);
  });

  it('ends with what is no line, and with a line to too many only that line is lost', () => {
    const env = { MAX_DESTINATIONS: '2', MAX_LINE_BYTES: '20' };
    expect(all('bob\na,b,c: x\na: x\n', env)).toEqual(['login bob', 'nothing, TOO_MANY_NAMES', 'to a: x']);
    expect(all(`bob\n${'x'.repeat(30)}\n`, env)).toEqual(['login bob', 'wrong: LINE_TOO_LONG']);
    expect(all(`${'x'.repeat(300)}\n`)).toEqual(['wrong: NAME_TOO_LONG']);
    expect(all('/bob\n')).toEqual(['wrong: NAME_REFUSED']);
    expect(all('GET / HTTP/1.1\n')).toEqual(['wrong: OTHER_PROTOCOL']);
    expect(all('\x16\x03')).toEqual(['wrong: OTHER_PROTOCOL']);
    // Both versions of the PROXY protocol.
    expect(all('PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n')).toEqual(['wrong: OTHER_PROTOCOL']);
    expect(all('\r\n\r\n\0\r\nQUIT\n')).toEqual(['wrong: NAME_REFUSED']);
  });

  it('is wrong for good once it was', () => {
    const of = decoder();
    of.feed(Buffer.from('/bob\nbob\n'));
    expect([found(of), found(of)]).toEqual(['wrong: NAME_REFUSED', 'wrong: NAME_REFUSED']);
  });
});

describe('a step', () => {
  it('is found again when other decoders of the protocol have been asked, and its bytes are written over', () => {
    const plain = protocol();
    const [one, other] = [
      plain.decoder(new Memory(new ArrayBuffer(8)), NO_PLACES),
      plain.decoder(new Memory(new ArrayBuffer(8)), NO_PLACES),
    ];
    const shared = Buffer.from('bob\neve,joe: hello\namy: last\n');
    one.feed(shared);
    expect([found(one), found(one)]).toEqual(['login bob', 'to eve|joe: hello']);
    one.keep();
    other.feed(shared.fill('eve\nbob,amy: hi\nx: yy: zzzz'.padEnd(shared.length, '\n')));
    expect([found(other), found(other)]).toEqual(['login eve', 'to bob|amy: hi']);
    expect(found(one, one.again())).toBe('to eve|joe: hello');
    expect([found(one), found(one)]).toEqual(['to amy: last', 'more']);
  });

  it('is the same for a list that was written to before', () => {
    const line = 'eve ,joe: x\n';
    expect(all(`bob\n${line.repeat(4)}`)).toEqual(['login bob', ...Array(4).fill('to eve|joe: x')]);
  });

  it('says how much work it has been beside one line', () => {
    const of = decoder();
    const work = ['bob', 'eve: x', 'a,b,c: x', '/who', `eve: ${'é'.repeat(64)}`, 'eve: \x07'].map((line) => {
      of.feed(Buffer.from(`${line}\n`));
      while (of.next() !== 'more');
      return of.work;
    });
    // One that is not ASCII is as much more as it is long; one that was rewritten, and an answer, are 16.
    expect(work).toEqual([0, 0, 3, 16, 3, 16]);
  });
});

it('a piece that says /quit and nothing else is known as that', () => {
  const quits = (text: string, env = {}) => protocol(env).isQuit(Buffer.from(text), Buffer.byteLength(text));
  expect(['/quit\n', '/QUIT \r\n', '/quit', 'a: /quit\n', '/quit\n\n'].map((text) => quits(text))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(quits('/quit\n', { NOTICES: 'off' })).toBe(false);
});
