/** A send that is read without being parsed means the same as one that is parsed: white space makes the difference. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JsonProtocol } from '../../src/protocol/json/json-protocol.ts';
import { HashPlacement } from '../../src/router/placement.ts';
import { readConfig } from '../../src/shared/common/config.ts';
import { Memory } from '../../src/shared/memory/memory.ts';
import { NO_PLACES } from '../../src/shared/memory/piece-buffers.ts';
import { paced } from '../helpers/pace/pace.ts';

const budget = { numRuns: 5_000, interruptAfterTimeLimit: paced(2_000) };
const protocol = new JsonProtocol(readConfig({}), new HashPlacement(3), { now: () => 7, mailSeconds: () => 1 });

/** What the decoder finds in one line. */
function found(line: string): unknown {
  const decoder = protocol.decoder(new Memory(new ArrayBuffer(0)), NO_PLACES);
  decoder.feed(Buffer.from('{"type":"hello","v":1,"name":"bob"}\n'));
  decoder.next();
  decoder.next();
  decoder.feed(Buffer.from(`${line}\n`));
  const step = decoder.next();
  if (step === 'ack') return [step, decoder.ackNumber, decoder.rejects];
  if (step !== 'send') return [step, decoder.notice];
  const { line: text, bodyStart, bodyEnd, kind } = decoder.text;
  const { starts, ends, line: names } = decoder.to.names();
  const to = Array.from({ length: decoder.to.count }, (_, i) => textOf(names.bytes, starts[i] ?? 0, ends[i] ?? 0));
  return [step, to, decoder.sendId, kind, textOf(text.bytes, bodyStart, bodyEnd)];
}

const textOf = (bytes: Uint8Array, start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString();

const odd = fc.constantFrom(
  '',
  ' ',
  'a',
  'a b',
  ' a',
  'a,b',
  'a:b',
  'ü',
  '\\',
  '"',
  '\n',
  '\t',
  '\u007f',
  '\u2028',
  'x'.repeat(129),
);
const text = fc.oneof(odd, fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }));
const value = fc.oneof(text, text, fc.boolean(), fc.constantFrom(null, 7, [], {}, ['a'], ['a', 'b'], { a: [1] }));
const key = fc.constantFrom('type', 'to', 'id', 're', 'body', 'durable', 'receipt', 'ttl', 'other', 'bod', 'tox');
/** Pairs in any order, some of them twice, and often all that a send needs. */
const pairs = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(key, value), { maxLength: 5 }), text, text)
  .chain(([whole, more, to, body]) =>
    fc.shuffledSubarray(
      [
        ...(whole
          ? [
              ['type', 'send'],
              ['to', to],
              ['body', body],
            ]
          : []),
        ...more,
      ],
      {
        minLength: more.length + (whole ? 3 : 0),
      },
    ),
  );
const damage = fc.option(fc.tuple(fc.nat(200), fc.constantFrom('', '"', '}', '{', ',', ':', '\\', ' ')), {
  nil: undefined,
});

it('a send, whatever its keys and values are, and however it is damaged', () => {
  let sends = 0;
  fc.assert(
    fc.property(pairs, damage, (given, harm) => {
      const whole = `{${given.map((pair) => pair.map((each) => JSON.stringify(each)).join(':')).join(',')}}`;
      const at = harm === undefined ? 0 : harm[0] % whole.length;
      const line = harm === undefined ? whole : whole.slice(0, at) + harm[1] + whole.slice(at + 1);
      const simple = found(line);
      if (Array.isArray(simple) && simple[0] === 'send') sends++;
      // A space behind the line is no part of any text, and has it parsed.
      const parsed = found(`${line} `);
      expect(withoutPlace(simple)).toEqual(withoutPlace(parsed));
    }),
    budget,
  );
  expect(sends).toBeGreaterThan(100);
});

/** The message of JSON.parse quotes the line, which is not the same. */
function withoutPlace(of: unknown): unknown {
  return Array.isArray(of) && of[0] === 'nothing' ? [of[0], isNoJson(of[1]) ? 'no JSON' : of[1]] : of;
}

function isNoJson(notice: unknown): boolean {
  return JSON.stringify(notice ?? null).includes('"no JSON: ');
}

it('an acknowledgement, whatever its number is', () => {
  const number = fc.oneof(
    fc.maxSafeNat().map(String),
    fc.constantFrom(
      '0',
      '00',
      '01',
      '-1',
      '1.5',
      '1e3',
      '',
      'a',
      '9007199254740991',
      '9007199254740992',
      '9'.repeat(16),
    ),
    fc.stringMatching(/^[0-9]{1,18}$/),
  );
  fc.assert(
    fc.property(number, (digits) => {
      const line = `{"type":"ack","seq":${digits}}`;
      expect(withoutPlace(found(line))).toEqual(withoutPlace(found(`${line} `)));
    }),
    budget,
  );
});
