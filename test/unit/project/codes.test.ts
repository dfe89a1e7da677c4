/** Codes stand in the catalogue alone: no line of the log has one by hand, and the documents have all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DROPS } from '../../../src/shared/codes/drops.ts';
import { HTTP_PROBLEMS } from '../../../src/shared/codes/http-problems.ts';
import { type CodedNotice, NOTICES, type NoticeCode, noticeText } from '../../../src/shared/codes/notice-texts.ts';
import { OPERATOR_CODES } from '../../../src/shared/codes/operator.ts';
import {
  SESSION_ENDS,
  type SessionEndCode,
  type SessionEndFields,
  sessionEndText,
} from '../../../src/shared/codes/session-ends.ts';
import type { FieldsOf } from '../../../src/shared/codes/template.ts';

const CATALOGUE = 'src/shared/codes/';
const sessionEnds = Object.entries(SESSION_ENDS);
const codes = [OPERATOR_CODES, SESSION_ENDS, NOTICES, DROPS, HTTP_PROBLEMS].flatMap((kind) => Object.keys(kind));

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
  it('stands once in the catalogue', () => {
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    for (const code of codes) expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
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
    expect(literals.length).toBeGreaterThan(10);
    expect(literals.filter(({ code }) => !codes.includes(code))).toEqual([]);
  });

  it('is used somewhere', () => {
    const unsaid = codes.filter(
      (code) => !sources.some(({ text }) => text.includes(`'${code}'`) || text.includes(`.${code}`)),
    );
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

  it('has every problem of HTTP, with its status, in HTTP.md', () => {
    const told = rows('docs/HTTP.md', '## Errors');
    const problems = Object.entries(HTTP_PROBLEMS).map(([code, { status }]) => [`\`${code}\``, String(status)]);
    expect(told.map((row) => row.slice(0, 2))).toEqual(problems);
  });

  it('has every reason for which mail is dropped, in the words of the log', () => {
    expect(firstColumn(document, '### Why mail is dropped')).toEqual(Object.values(DROPS));
  });
});

/** Each notice as PROTOCOL.md shows it. */
const bob = Buffer.from('bob');
const crowd = ['alice', 'bob', ...Array.from({ length: 48 }, (_, i) => `p${i}`)].map((name) => Buffer.from(name));
const who = (state: 'here' | 'unknown', waiting: number) => ({ name: bob, standing: { state, waiting } });
const EXAMPLES: { readonly [C in NoticeCode]: readonly FieldsOf<(typeof NOTICES)[C]>[] } = {
  WELCOME: [0, 3].map((waitingMessages) => ({ name: bob, waitingMessages, lastNumber: 0 })),
  PROOF_ASKED: [{ name: bob }],
  NAME_AWAITED: [{ name: bob }],
  NAME_YOURS: [{ name: bob, waitingMessages: 2, lastNumber: 0 }],
  NOTHING_SENT: [{ name: bob }],
  SEND_ONLY: [{ name: bob }],
  MAIL_HELD: [{ name: bob, more: 0 }],
  NAME_UNKNOWN: [0, 4].map((more) => ({ name: bob, more })),
  MAILBOX_FULL: [0, 4].map((more) => ({ name: bob, more })),
  MAIL_UNSTORED: [0, 4].map((more) => ({ name: bob, more })),
  NAME_FORBIDDEN: [0, 4].map((more) => ({ name: bob, more })),
  OTHERS_DROPPED: [{ more: 936 }],
  HINT: [{}],
  TOO_MANY_NAMES: [{ max: 1000 }],
  LINE_REFUSED: [{ reason: 'line longer than 65536 bytes as it would be shown' }],
  HELP: [],
  WHO: [
    { names: [], count: 0 },
    { names: crowd.slice(0, 2), count: 2 },
    { names: crowd, count: 73 },
  ],
  WHO_IS: [
    who('here', 0),
    who('here', 3),
    { name: bob, standing: { state: 'away', since: 1_764_164_820, waiting: 3 } },
    who('unknown', 0),
  ],
  NO_COMMAND: [{ word: Buffer.from('/x') }],
  BAD_REQUEST: [],
  PONG: [],
  RECEIPT: [],
  ACCEPTED: [],
  SHARD_RESTARTED: [],
  ANSWERED: [],
  PRESENCE: [],
  WATCHES_FULL: [],
  PING: [],
  SLOWED: [{}],
  LEFT_OUT: [{ count: 12 }],
  STOPPING: [],
};

/** What each session is told that ends, as PROTOCOL.md shows it. */
const ENDS: { readonly [C in SessionEndCode]: readonly SessionEndFields<C>[] } = {
  LINE_TOO_LONG: [{ maxBytes: 65536 }],
  NAME_TOO_LONG: [{ maxBytes: 256 }],
  NOT_UTF8: [{}],
  NAME_TIMEOUT: [{ seconds: 10 }],
  NAME_CROWDED: [{}],
  TAKEN_OVER: [{}],
  NAME_REFUSED: [{ problem: '' }],
  HELLO_REFUSED: [],
  AUTH_REQUIRED: [{}],
  AUTH_FAILED: [{}],
  AUTH_LIMITED: [{ seconds: 6 }],
  AUTH_BUSY: [{}],
  AUTH_WITHDRAWN: [{}],
  PROGRAM_SILENT: [],
  RECEIPTS_UNREAD: [],
  OTHER_PROTOCOL: [{ protocol: 'TLS' }, { protocol: 'binary' }],
  NOT_TLS: [{}],
  QUIT: [{}],
  TOO_MANY_CONNECTIONS: [{ max: 10000 }],
  KICKED: [{}],
  ADDRESS_CROWDED: [{ max: 20 }],
  ACCOUNT_CROWDED: [{ max: 5 }],
  TOO_OFTEN: [{ seconds: 6 }],
  SENT_TOO_MUCH: [{ seconds: 6 }],
  STILL_TOO_MUCH: [{ seconds: 3600 }],
  PROXY_REFUSED: [{ problem: '' }],
  SOCKET: [],
};

describe('docs/PROTOCOL.md', () => {
  const document = 'docs/PROTOCOL.md';
  const text = readFileSync(document, 'utf8');
  const show = (name: Uint8Array) => Buffer.from(name).toString();
  const lines = Object.entries(EXAMPLES).flatMap(([code, examples]) =>
    examples.map((fields) => noticeText({ code, ...fields } as CodedNotice, show)),
  );

  it('has every notice for plain peers in its words, and no other', () => {
    const told = firstColumn(document, '## Every line that the broker says');
    const shown = lines.map((line) => `* ${line.replace(/(: alice, bob), .*/, '$1, …')}`);
    expect(told.sort()).toEqual(shown.sort());
    const elsewhere = [noticeText({ code: 'STOPPING' }, show), ...noticeText({ code: 'HELP' }, show).split('\n')];
    expect(elsewhere.filter((line) => !text.includes(`* ${line}`))).toEqual([]);
  });

  it('has every code that ends a session, and no other, and what its peer is told', () => {
    const heading = '## Why a session ends';
    expect(firstColumn(document, heading).sort()).toEqual(Object.keys(SESSION_ENDS).sort());
    const told = Object.entries(ENDS).flatMap(([code, examples]) =>
      examples.map((fields) => sessionEndText(code as SessionEndCode, fields as never)),
    );
    expect(told.filter((line) => !text.includes(`* ${line}`))).toEqual([]);
  });
});
