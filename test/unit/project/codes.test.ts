/** Codes stand in the catalogue alone: no line of the log has one by hand, and the documents have all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DROPS } from '../../../src/shared/codes/drops.ts';
import { OPERATOR_CODES } from '../../../src/shared/codes/operator.ts';
import { SESSION_ENDS } from '../../../src/shared/codes/session-ends.ts';

const CATALOGUE = 'src/shared/codes/';
const operatorCodes = Object.keys(OPERATOR_CODES);
const sessionEnds = Object.entries(SESSION_ENDS);

const sources = ['src', 'workers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, 'utf8') }))
    .filter(({ file }) => !file.startsWith(CATALOGUE)),
);

/** The rows of the tables under a heading of a document, up to the next one: the cells of each. */
function rows(document: string, heading: string): string[][] {
  const text = readFileSync(document, 'utf8');
  const part = text.split(/^(?=#+ )/m).find((each) => each.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`${document} has no ${heading}`);
  return [...part.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row = '']) => row.split(' | '))
    .filter(([first = '']) => first.startsWith('`'));
}

/** What stands in the first column, without its backticks. */
function firstColumn(document: string, heading: string): string[] {
  return rows(document, heading).map(([first = '']) => first.slice(1, -1));
}

describe('a code', () => {
  it('is one thing: what the operator is told, or what ends a session', () => {
    expect(operatorCodes.filter((code) => code in SESSION_ENDS)).toEqual([]);
    for (const code of [...operatorCodes, ...Object.keys(SESSION_ENDS)]) expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
  });

  it('that is logged is the catalogue’s, and not given by hand', () => {
    expect(sources.length).toBeGreaterThan(100);
    const byHand = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\b(?:log|warnings)\.\w+\(\s*\{[^}]*\bcode\b[^}]*\}/g)]
        .filter(() => !file.endsWith('common/log/log.ts'))
        .map(([call]) => `${file}: ${call}`),
    );
    expect(byHand).toEqual([]);
    const literals = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bcode: '([A-Z][A-Z0-9_]+)'/g)].map(([, code = '']) => ({ file, code })),
    );
    const unknown = literals.filter(({ code }) => !(code in OPERATOR_CODES) && !(code in SESSION_ENDS));
    expect(unknown).toEqual([]);
  });

  it('of the operator’s is said somewhere', () => {
    const unsaid = operatorCodes.filter((code) => !sources.some(({ text }) => text.includes(`'${code}'`)));
    expect(unsaid).toEqual([]);
  });
});

describe('docs/OPERATIONS.md', () => {
  const document = 'docs/OPERATIONS.md';
  const tables = ['the store', 'limits and of the start', 'sessions'].map((what) => `### Codes of ${what}`);
  const levels = new Map<string, string>(
    [...Object.entries(OPERATOR_CODES), ...sessionEnds].flatMap(([code, { level }]) =>
      level === 'silent' ? [] : [[code, level]],
    ),
  );

  it('has every code of the log, and no other', () => {
    const told = tables.flatMap((heading) => firstColumn(document, heading));
    expect(told.sort()).toEqual([...levels.keys()].sort());
  });

  it('has the level of each: in a column of its own, or warn', () => {
    const told = tables.flatMap((heading) => {
      const ofSessions = heading.endsWith('sessions');
      return rows(document, heading).map(([code = '', level]) => [code.slice(1, -1), ofSessions ? level : 'warn']);
    });
    expect(told.filter(([code = '', level]) => levels.get(code) !== level)).toEqual([]);
  });

  it('has every reason for which mail is dropped, in the words of the log', () => {
    expect(firstColumn(document, '### Why mail is dropped')).toEqual(Object.values(DROPS));
  });
});

describe('docs/PROTOCOL.md', () => {
  it('has every code that ends a session, and no other', () => {
    const told = firstColumn('docs/PROTOCOL.md', '## Why a session ends');
    expect(told.sort()).toEqual(Object.keys(SESSION_ENDS).sort());
  });
});
