import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawValue } from '../../../../src/protocol/json/raw-values.ts';

/** The text of a key's value in a line. */
function raw(line: string, key = 'body'): string | undefined {
  const bytes = Buffer.from(`before ${line} after`);
  const start = Buffer.byteLength('before ');
  const extent = rawValue(bytes, start, start + Buffer.byteLength(line), key);
  return extent && bytes.toString('utf8', extent.start, extent.end);
}

it.each([
  ['{"body":1}', '1'],
  ['{ "a" : 1 , "body" : [1, {"body":2}] }', '[1, {"body":2}]'],
  ['{"body":"a\\"b,}","x":1}', '"a\\"b,}"'],
  ['{"body":"\\\\","x":1}', '"\\\\"'],
  ['{"x":"body","body":null}', 'null'],
  ['{"x":{"body":1},"y":["body"],"body":true}', 'true'],
  ['{"body":1,"body":2}', '2'],
  ['{"body":1,"b\\u006fdy":2}', '2'],
  ['{"b\\u006fdy":1,"body":2,"\\u0062ody\\"":3}', '2'],
  ['{"x":1}', undefined],
  ['{}', undefined],
  ['{"body":12345678901234567890.10}', '12345678901234567890.10'],
])('the value of a key in %s', (line, expected) => {
  expect(raw(line)).toBe(expected);
});

it('is what JSON.parse finds, in any object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }), fc.jsonValue(), (object, body) => {
      const line = JSON.stringify({ ...object, body }, null, 1).replaceAll('\n', ' ');
      expect(JSON.parse(raw(line) ?? 'undefined')).toEqual(JSON.parse(JSON.stringify(body)));
    }),
  );
});
