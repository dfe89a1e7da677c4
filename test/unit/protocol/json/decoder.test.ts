/** The protocol of programs as a session sees it: steps, and fields that say what each has found. */
import { describe, expect, it } from 'vitest';
import { JsonProtocol } from '../../../../src/protocol/json/json-protocol.ts';
import type { ProgramDecoder, Question } from '../../../../src/protocol/protocol.ts';
import { HashPlacement } from '../../../../src/router/placement.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../../../src/shared/memory/piece-buffers.ts';

const NOW = 1_764_156_000_123;
const HELLO = '{"type":"hello","v":1,"name":"bob"}\n';

function decoder(env: Record<string, string> = {}): ProgramDecoder {
  const protocol = new JsonProtocol(
    readConfig(env),
    new HashPlacement(3),
    { now: () => NOW, mailSeconds: () => NOW / 1000 },
    () => '~1',
  );
  return protocol.decoder(new Memory(new ArrayBuffer(8)), NO_PLACES);
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** What the step at hand has found, in words. */
function found(of: ProgramDecoder, step = of.next()): string {
  switch (step) {
    case 'login':
      return `login ${text(of.name)}, ${of.acknowledges ? 'acknowledges' : 'does not acknowledge'} ${of.windowMessages}`;
    case 'send': {
      const { line, bodyStart, bodyEnd } = of.text;
      const names = of.to.names();
      const to = Array.from({ length: of.to.count }, (_, i) =>
        text(names.line.bytes.subarray(names.starts[i], names.ends[i])),
      );
      return `to ${to.join('|')}: ${text(line.bytes.subarray(bodyStart, bodyEnd))}`;
    }
    case 'ack':
      return `ack ${of.ackNumber}`;
    case 'command':
      return `command ${of.command.kind}`;
    case 'question':
      return questionText(of.question);
    case 'nothing':
      return of.notice?.code === 'BAD_REQUEST'
        ? `${of.notice.id}: ${of.notice.problem}`
        : `nothing, ${of.notice?.code}`;
    case 'wrong':
      return `wrong: ${of.error.message}`;
    default:
      return step;
  }
}

function questionText(question: Question): string {
  if (question.kind === 'ping') return 'ping';
  return `${question.kind} ${question.id}: ${question.names.map(text).join('|')}`;
}

function all(stream: string | Buffer, env: Record<string, string> = {}, pieces = stream.length): string[] {
  const of = decoder(env);
  const bytes = Buffer.from(stream);
  const steps: string[] = [];
  for (let at = 0; at < bytes.length; at += pieces) {
    of.feed(bytes.subarray(at, at + pieces));
    if (at + pieces >= bytes.length) of.finish();
    for (let step = found(of); step !== 'more'; step = found(of)) {
      steps.push(step);
      if (step.startsWith('wrong')) return steps;
    }
  }
  return steps;
}

const stepsOf = (...lines: string[]) => all(HELLO + lines.join('\n')).slice(1);

describe('a hello', () => {
  it.each([
    [HELLO, 'login bob, acknowledges 256'],
    ['{"type":"hello","v":1,"name":"é","ack":false,"window":3,"more":[]}\r\n', 'login é, does not acknowledge 3'],
    ['{"type":"hello","v":1}\n', 'login ~1, acknowledges 256'],
    ['{"type":"hello","v":2,"name":"bob"}\n', 'wrong: hello refused: v: must be 1, the version of the protocol'],
    ['{"type":"hello","v":1,"name":7}\n', 'wrong: hello refused: name: must be a text'],
    ['{"type":"hello","v":1,"ack":1}\n', 'wrong: hello refused: ack: must be true or false'],
    ['{"type":"hello","v":1,"window":0}\n', 'wrong: hello refused: window: must be a whole number from 1 to 10000'],
    ['{"type":"hello","v":1,"window":10001}\n', 'wrong: hello refused: window: must be a whole number from 1 to 10000'],
    ['{"type":"send","to":"a","body":1}\n', 'wrong: hello refused: type: the first must be "hello"'],
    ['{"type":"a secret in \\"its\\" place"}\n', 'wrong: hello refused: type: the first must be "hello"'],
    ['{"type":"hello","v":1,"name":"a:b"}\n', 'wrong: name refused: it has a comma or a colon in it'],
    [
      '{"type":"hello","v":1,"name":"a\\u001b"}\n',
      'wrong: name refused: it has a control character or a line separator in it',
    ],
  ])('%j', (line, expected) => {
    expect(all(line)).toEqual([expected]);
  });

  it('has a token, which is a proof', () => {
    const of = decoder();
    of.feed(Buffer.from('{"type":"hello","v":1,"name":"bob","token":"secret"}\n'));
    of.next();
    expect(of.proof && text(of.proof)).toBe('secret');
  });
});

describe('a message', () => {
  it.each([
    ['{"type":"send","to":"eve","body":"hi"}', `to eve: "time":${NOW},\t"hi"`],
    [
      '{"type":"send","to":["eve","joe"],"body":{"a":[1]},"id":"m","re":"q"}',
      `to eve|joe: "id":"m","re":"q","time":${NOW},\t{"a":[1]}`,
    ],
    ['{"body":12345678901234567890123,"to":"eve","type":"send"}', `to eve: "time":${NOW},\t12345678901234567890123`],
    ['{"type":"send","to":"eve","body":null}', `to eve: "time":${NOW},\tnull`],
    ['{"type":"send","to":"eve","b\\u006fdy":"x"}', `to eve: "time":${NOW},\t"x"`],
    ['{"type":"send","to":"eve","id":"\\t\\"","body":"a\\nb"}', `to eve: "id":"\\t\\"","time":${NOW},\t"a\\nb"`],
  ])('%s', (line, expected) => {
    expect(stepsOf(line)).toEqual([expected]);
  });

  it('is found in whatever pieces it comes', () => {
    const stream = `${HELLO}{"type":"send","to":["é","ü"],"body":"ß"}\n{"type":"ack","seq":5}\n`;
    const whole = all(stream);
    expect(whole).toHaveLength(3);
    for (let pieces = 1; pieces < 9; pieces++) expect(all(stream, {}, pieces)).toEqual(whole);
  });

  it('is found again, when other decoders were asked since', () => {
    const of = decoder();
    of.feed(Buffer.from(`${HELLO}{"type":"send","to":"eve","id":"x","body":1}\n`));
    of.next();
    const first = found(of);
    expect([found(of, of.again()), of.sendId]).toEqual([first, 'x']);
  });

  it('that is refused says where it is wrong, by its id, and ends nothing', () => {
    expect(
      stepsOf(
        '{"type":"send","to":"eve"}',
        '{"type":"send","id":"a","to":[],"body":1}',
        '{"type":"send","id":"b","to":["x",1],"body":1}',
        '{"type":"send","id":"c","to":"a,b","body":1}',
        '{"type":"send","to":" a","body":1}',
        '{"type":"send","id":7,"to":"a","body":1}',
        `{"type":"send","id":"${'x'.repeat(129)}","to":"a","body":1}`,
        '{"type":"send","id":"d","to":"a","body":1,"re":7}',
        `{"type":"send","id":"e","to":"a","body":1,"re":"${'é'.repeat(65)}"}`,
        '{"type":"nothing"}',
        '{"type":7}',
        '[1]',
        '7',
        HELLO.trim(),
        '{"type":"ack","seq":-1}',
        '{"type":"ack","seq":"1"}',
        '{"type":"ping"}',
      ),
    ).toEqual([
      'undefined: body: none',
      'a: to: must have a name',
      'b: to: must be a name, or an array of names',
      'c: to: nobody can have the name "a,b"',
      'undefined: to: nobody can have the name " a"',
      'undefined: id: must be a text',
      'undefined: id: longer than 128 bytes',
      'd: re: must be a text',
      'e: re: longer than 128 bytes',
      'undefined: type: "nothing" is not known',
      'undefined: type: none',
      'undefined: no JSON object',
      'undefined: no JSON object',
      'undefined: type: there was a "hello" already',
      'undefined: seq: must be a whole number from 0 to 9007199254740991',
      'undefined: seq: must be a whole number from 0 to 9007199254740991',
      'ping',
    ]);
  });

  it('that is no JSON says so', () => {
    expect(stepsOf('{"type":')[0]).toMatch(/^undefined: no JSON: /);
  });

  it('goes to no more names than a line may have', () => {
    const line = '{"type":"send","to":["a","b","c"],"body":1}';
    expect(all(HELLO + line, { MAX_DESTINATIONS: '2' })[1]).toBe('undefined: to: more than 2 names');
  });
});

it('a line that cannot be framed ends the session', () => {
  expect(all(`${HELLO}${'x'.repeat(2000)}\n`, { MAX_LINE_BYTES: '1KiB' })[1]).toBe(
    'wrong: line longer than 1024 bytes',
  );
  expect(all(Buffer.concat([Buffer.from(HELLO), Buffer.from([0xff, 10])]))[1]).toBe('wrong: line is not UTF-8');
});

it('what a program acknowledges is a number', () => {
  expect(stepsOf('{"type":"ack","seq":41}', '', '{"type":"pong"}')).toEqual([
    'ack 41',
    'nothing, undefined',
    'nothing, undefined',
  ]);
});

describe('a question', () => {
  it.each([
    ['{"type":"ping"}', 'ping'],
    ['{"type":"who","id":"q","names":["ann","e\u0301"]}', 'who q: ann|\u00e9'],
    ['{"type":"who","id":"q","names":"ann"}', 'who q: ann'],
    ['{"type":"watch","names":["ann"]}', 'watch undefined: ann'],
    ['{"type":"watch","id":"w","names":["ann"]}', 'watch w: ann'],
    ['{"type":"unwatch","names":["ann","eve"]}', 'unwatch undefined: ann|eve'],
    ['{"type":"who","names":["ann"]}', 'undefined: id: none'],
    ['{"type":"who","id":"q"}', 'q: names: must be a name, or an array of names'],
    ['{"type":"watch","id":"w","names":[]}', 'w: names: must have a name'],
    ['{"type":"unwatch","names":[""]}', 'undefined: names: each must have 1 to 256 bytes'],
  ])('%s', (line, expected) => {
    expect(stepsOf(line)).toEqual([expected]);
  });

  it('is about names that peers can have, and no more of them than a line may have', () => {
    const env = { MAX_NAME_BYTES: '3', MAX_DESTINATIONS: '2' };
    const asked = (...names: string[]) => all(HELLO + JSON.stringify({ type: 'who', id: 'q', names }), env)[1];
    expect([asked('ann', 'eve'), asked('anna'), asked('a', 'b', 'c')]).toEqual([
      'who q: ann|eve',
      'q: names: each must have 1 to 3 bytes',
      'q: names: more than 2 names',
    ]);
  });

  it('is found again, when other decoders were asked since', () => {
    const of = decoder();
    of.feed(Buffer.from(`${HELLO}{"type":"who","id":"q","names":["ann"]}\n`));
    of.next();
    expect([found(of), found(of, of.again())]).toEqual(['who q: ann', 'who q: ann']);
  });
});
