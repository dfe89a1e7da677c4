/** What a line becomes where STRICT is on; most stay what they are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StrictLine } from '../../../src/protocol/strict/strict-line.ts';
import { HAS_NON_ASCII, lookAt } from '../../../src/shared/memory/look.ts';
import { pacedNow } from '../../helpers/pace/pace.ts';
import { lineOf, naiveTrim } from '../../helpers/unit/lines.ts';

const BEFORE = 'before\n';

/** The line as it is routed, 'same' if it is not touched, undefined if it is too long. */
function strict(text: string, maxLineBytes = 1_000, maxNameBytes = 20): string | undefined {
  const bytes = Buffer.from(`${BEFORE}${text}`);
  const line = lineOf(bytes, BEFORE.length);
  const made = new StrictLine(maxLineBytes, maxNameBytes).of(line, lookAt(bytes, BEFORE.length, bytes.length));
  if (made === line) return 'same';
  if (made === undefined) return undefined;
  expect(Buffer.from(made.memory.bytes.subarray(made.offset + made.start, made.offset + made.end))).toEqual(
    Buffer.from(made.bytes.subarray(made.start, made.end)),
  );
  return Buffer.from(made.bytes.subarray(made.start, made.end)).toString();
}

describe('a message', () => {
  it.each([
    ['bob: a\u0000b', 'bob:a\u2400b'],
    ['bob: \u001b[2J\u0007\b', 'bob:\u241b[2J\u2407\u2408'],
    ['bob: x\r* eve is unknown', 'bob:x\u240d* eve is unknown'],
    ['bob: a\u007fb', 'bob:a\u2421b'],
    ['bob: a\u0080b\u009fc', 'bob:a\ufffdb\ufffdc'],
    ['bob: a\u0085* b', 'bob:a\ufffd* b'],
    ['bob: a\u2028b\u2029c', 'bob:a\ufffdb\ufffdc'],
    ['bob, eve : \u001f\u000b \u0000 \u000c', 'bob, eve :\u241f\u240b \u2400'],
  ])('%j gets stand-ins for its control characters', (line, made) => {
    expect(strict(line)).toBe(made);
  });

  it.each([
    'bob: hi',
    'bob: a\tb',
    'bob: é « » € … “x” 北京 👍',
    'bob: \u00a0a\u00a0b',
    'bob: \u2027 \u202a',
    ': ',
    'bob:',
  ])('%j stays what it is', (line) => {
    expect(strict(line)).toBe('same');
  });

  it('is trimmed first: white space at its ends is no control character', () => {
    expect(['bob: \u000bhi\r', 'bob: \u0085hi\u2028', '\u000bbob\r: hi'].map((line) => strict(line))).toEqual(
      Array(3).fill('same'),
    );
  });

  it('is refused if it is too long with them, and only then', () => {
    expect(strict(`b:${'\u0000'.repeat(10)}`, 32)).toBe(`b:${'\u2400'.repeat(10)}`);
    expect(strict(`b:${'\u0000'.repeat(10)}`, 31)).toBeUndefined();
    expect(strict(`b: \t ${'\u0000'.repeat(10)}  `, 32)).toBe(`b:${'\u2400'.repeat(10)}`);
  });

  it('may be longer than what is kept for lines, and shorter again', () => {
    const line = new StrictLine(1_000_000, 20);
    for (const length of [10, 100_000, 10]) {
      const bytes = Buffer.from(`b:${'\u0000'.repeat(length)}`);
      const made = line.of(lineOf(bytes), lookAt(bytes, 0, bytes.length));
      expect(Buffer.from(made?.bytes.subarray(0, made.end) ?? []).toString()).toBe(`b:${'\u2400'.repeat(length)}`);
    }
  });
});

describe('destinations', () => {
  it.each([
    ['e\u0301: hi', 'é:hi'],
    ['bob, e\u0301 ,北京,u\u0308: a, e\u0301: b', 'bob, é ,北京,ü:a, e\u0301: b'],
    ['\u212b:', 'Å:'],
    ['e\u0301:\u0007', 'é:\u2407'],
  ])('of %j are looked up in NFC', (line, made) => {
    expect(strict(line)).toBe(made);
  });

  it.each(['é,北京: hi', 'bob: e\u0301', 'e\u0301', 'a\u0000b: hi'])('of %j stay what they are', (line) => {
    expect(strict(line)).toBe('same');
  });

  it('that are longer than a name can be in any form are left alone', () => {
    const zalgo = `e${'\u0301'.repeat(30)}`;
    expect(strict(`${zalgo}: hi`, 1_000, 20)).toBe('same');
    expect(strict(`${zalgo}: hi`, 1_000, 21)).toBe(`${zalgo.normalize('NFC')}:hi`);
  });
});

it('nothing behind a line is looked at: many short ones take no longer in much', () => {
  const bytes = Buffer.alloc(16 * 1024 * 1024, 'é\n');
  const strictLine = new StrictLine(1_000, 20);
  const before = performance.now();
  for (let start = 0; start < 9_000; start += 3) {
    strictLine.of({ ...lineOf(bytes), start, end: start + 2 }, HAS_NON_ASCII);
  }
  expect(performance.now() - before).toBeLessThan(pacedNow(1_000));
});

it('no control character is left in any message, and nothing else is changed', () => {
  const character = fc.oneof(
    fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('\u2028', '\u2029', '\u00a0', 'é', '…', '北', '👍'),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 60 }), (characters) => {
      const body = characters.join('').replaceAll('\n', '');
      const made = strict(`bob:${body}`) ?? '';
      const routed = naiveTrim(made === 'same' ? body : made.slice('bob:'.length));
      const shown = naiveTrim(body).replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/gu, (control) => {
        if (control < ' ') return String.fromCharCode(0x2400 + control.charCodeAt(0));
        return control === '\u007f' ? '\u2421' : '\ufffd';
      });
      expect(routed).toBe(shown);
    }),
    { numRuns: 2_000 },
  );
});
