/** Settings in TOML: every key and value with its place. */
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { readToml, type TomlEntry } from '../../../../src/shared/common/config/toml.ts';

function entries(text: string): readonly TomlEntry[] {
  const reading = readToml(text);
  if (!reading.valid) throw new Error(reading.text);
  return reading.entries;
}

/** Name, place of the key, place of the value, and the value as it was written. */
function shown(text: string): string[] {
  return entries(text).map(({ name, place, valuePlace, source }) => {
    return `${name} ${place.line}:${place.column} ${valuePlace.line}:${valuePlace.column} ${source}`;
  });
}

describe('a value', () => {
  it.each([
    ['A = 1', ['A 1:1 1:5 1']],
    ['  A  =  1  # one', ['A 1:3 1:9 1']],
    ['A=1\nB=2\n', ['A 1:1 1:3 1', 'B 2:1 2:3 2']],
    ['A=1\r\n\r\n  B = "x"\r\n', ['A 1:1 1:3 1', 'B 3:3 3:7 "x"']],
    ['# A = 0\nA = "#"\nB = 1', ['A 2:1 2:5 "#"', 'B 3:1 3:5 1']],
    ['A = """\nB = 2\n"""\nC = 3', ['A 1:1 1:5 """\nB = 2\n"""', 'C 4:1 4:5 3']],
    ['A = """x""""\nC = 3', ['A 1:1 1:5 """x""""', 'C 2:1 2:5 3']],
    ['A = """\\""""\nC = 3', ['A 1:1 1:5 """\\""""', 'C 2:1 2:5 3']],
    ["A = '''\n'B' = 2'''\nC = ''", ["A 1:1 1:5 '''\n'B' = 2'''", "C 3:1 3:5 ''"]],
    ['"A" = 1\n\'B\' = 2\n"\\u0043" = 3', ['A 1:1 1:7 1', 'B 2:1 2:7 2', 'C 3:1 3:12 3']],
    ['A = 1979-05-27 07:32:00Z\nB = -1_0.5e3', ['A 1:1 1:5 1979-05-27 07:32:00Z', 'B 2:1 2:5 -1_0.5e3']],
    ['A = { b = "}", c = [1, 2] }\nB = 1', ['A 1:1 1:5 { b = "}", c = [1, 2] }', 'B 2:1 2:5 1']],
    ['a.b = 1\na . c = 2\nB = 1', ['a 1:1 1:7 1', 'B 3:1 3:5 1']],
    ['"a.b" = 1', ['a.b 1:1 1:9 1']],
    ['A = "é"\nB = "😀" # x', ['A 1:1 1:5 "é"', 'B 2:1 2:5 "😀"']],
  ])('stands where it stands: %j', (text, places) => {
    expect(shown(text)).toEqual(places);
  });

  it.each([
    ['A = 1\n[B]\nA = 2\n[[C]]\nx = "["\n', ['A 1:1 1:5 1', 'B 2:1 2:1 [B]', 'C 4:1 4:1 [[C]]']],
    ['[ "B.x" . c ] # [\n"=" = [ "]",\n[1]]\n\n[D.e]', ['B.x 1:1 1:1 [ "B.x" . c ] # [', 'D 5:1 5:1 [D.e]']],
  ])('may be a table: %j', (text, places) => {
    expect(shown(text)).toEqual(places);
  });

  it('may be a list, whose elements have places too', () => {
    const [list] = entries('A = [ "]", # [ ]\r\n  [1, "x,"],\r\n\t3\r\n,]');
    const places = list?.elementPlaces.map(({ line, column }) => `${line}:${column}`);
    expect([places, list?.value]).toEqual([
      ['1:7', '2:3', '3:2'],
      [']', [1, 'x,'], 3],
    ]);
  });
});

describe('a text that is no TOML', () => {
  it.each([
    ['A = 1\nB = ', '2:5'],
    ['A = 1\r\nB = "x\r\n', '2:7'],
    ['A = 1\nA = 2', '2:1'],
    ['A = [1,\n2', '2:2'],
    ['A == 1', '1:4'],
    ['A = 1 B = 2', '1:7'],
    [`A = ${'['.repeat(9)}${']'.repeat(9)}`, '1:13'],
  ])('is told with its place: %j', (text, place) => {
    const reading = readToml(text);
    if (reading.valid) throw new Error('it was taken');
    expect(`${reading.place.line}:${reading.place.column}`).toBe(place);
    expect(reading.text).toMatch(/^this is no TOML: [^\n]+$/);
  });

  it('is told without the line, which may have a secret', () => {
    const reading = readToml('A = "topsecret');
    expect(JSON.stringify(reading)).not.toContain('topsecret');
  });
});

describe('whatever is written', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 }),
  );
  const settings = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, { maxKeys: 8 });

  it('is found again, each value where it is', () => {
    fc.assert(
      fc.property(settings, fc.constantFrom('\n', '\r\n'), (written, end) => {
        const text = stringify(written).replaceAll('\n', end);
        const lines = text.split(end);
        const found = entries(text);
        expect(Object.fromEntries(found.map(({ name, value }) => [name, value]))).toEqual({ ...written });
        for (const { valuePlace, source } of found) {
          expect(lines[valuePlace.line - 1]?.slice(valuePlace.column - 1)).toBe(source);
        }
      }),
    );
  });

  it('is read or refused, in a moment', () => {
    const piece = fc.constantFrom(
      '"',
      "'",
      '"""',
      "'''",
      '[',
      ']',
      '{',
      '}',
      '=',
      'A',
      '.',
      '#',
      '\n',
      '\r\n',
      '\\',
      ',',
      ' ',
      '1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const reading = readToml(pieces.join(''));
        if (reading.valid) expect(reading.entries.every(({ place }) => place.line > 0 && place.column > 0)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
