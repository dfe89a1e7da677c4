/**
 * docs/PROTOCOL.md shows every message of programs, and docs/PROGRAMS.md no other. What PROTOCOL.md shows is true,
 * because test/e2e/documents/protocol.test.ts sends and gets it.
 */
import { describe, expect, it } from 'vitest';
import type { ReceiptState } from '../../../src/session/program/receipts.ts';
import type { NewsKind } from '../../../src/shared/wire/events.ts';
import { textOf } from '../../helpers/project.ts';

const OUTCOMES: { readonly [W in NewsKind | 'taken']: true } = {
  taken: true,
  held: true,
  unknown: true,
  full: true,
  unstored: true,
};
const RECEIPTS: { readonly [S in ReceiptState]: true } = { acked: true, expired: true, purged: true, rejected: true };

interface Shown {
  /** `->` or `<-`, and the type. */
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The messages in the blocks of a document. */
function shownIn(document: string): Shown[] {
  return [...textOf(document).matchAll(/^(->|<-) (\{.*\})$/gm)].map(([, way, line = '']) => {
    const fields = JSON.parse(line) as Shown['fields'];
    return { what: `${way} ${fields.type}`, fields };
  });
}

function wordsIn(file: string, word: RegExp): string[] {
  return [...textOf(file).matchAll(word)].map(([, found = '']) => found);
}

/** Each key of a message, and each text under a key whose texts are words of the protocol. */
function facts({ what, fields }: Shown): string[] {
  return Object.entries(fields).map(([key, value]) =>
    key === 'code' || key === 'state' ? `${what} ${key} ${value}` : `${what} ${key}`,
  );
}

const played = shownIn('docs/PROTOCOL.md');

describe('docs/PROTOCOL.md shows', () => {
  it('every message that a program may send, and no other', () => {
    const types = wordsIn('src/protocol/json/requests.ts', /case '(\w+)':/g);
    expect(types.length).toBeGreaterThan(7);
    const shown = played.map(({ what }) => what).filter((what) => what.startsWith('->'));
    expect([...new Set(shown)].sort()).toEqual(types.map((type) => `-> ${type}`).sort());
  });

  it('every message that the broker sends, and no other', () => {
    const notices = wordsIn('src/protocol/json/notice-object.ts', /\btype: '(\w+)'/g);
    const messages = wordsIn('src/protocol/json/encoder.ts', /"type":"(\w+)"/g);
    const types = new Set([...notices, ...messages]);
    expect(types.size).toBeGreaterThan(9);
    const shown = played.map(({ what }) => what).filter((what) => what.startsWith('<-'));
    expect([...new Set(shown)].sort()).toEqual([...types].map((type) => `<- ${type}`).sort());
  });

  it('every word for what becomes of a message, and of a receipt', () => {
    const outcomes = played.filter(({ what }) => what === '<- accepted').flatMap(({ fields }) => fields.to as object);
    expect(new Set(outcomes.flatMap((to) => Object.values(to)))).toEqual(new Set(Object.keys(OUTCOMES)));
    const states = played.filter(({ what }) => what === '<- receipt').map(({ fields }) => fields.state);
    expect(new Set(states)).toEqual(new Set(Object.keys(RECEIPTS)));
    const duplicates = played.filter(({ what }) => what === '<- accepted').map(({ fields }) => fields.duplicate);
    expect(new Set(duplicates)).toEqual(new Set([false, true]));
  });
});

it('docs/PROGRAMS.md shows no message, key or code that docs/PROTOCOL.md does not', () => {
  const known = new Set(played.flatMap(facts));
  const told = shownIn('docs/PROGRAMS.md');
  expect(told.length).toBeGreaterThan(15);
  expect(told.flatMap(facts).filter((fact) => !known.has(fact))).toEqual([]);
});
