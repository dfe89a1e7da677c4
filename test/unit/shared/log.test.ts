import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ended, told } from '../../../src/shared/codes/log-line.ts';
import { droppedLine, type Log, RateLimitedWarnings, say, shortName } from '../../../src/shared/common/log/log.ts';

class Clock {
  now = 1000;
  readonly said: [object, string][] = [];
  readonly warnings: RateLimitedWarnings;

  constructor() {
    const log = { warn: (fields: object, message: string) => this.said.push([fields, message]) };
    this.warnings = new RateLimitedWarnings(log as unknown as Log, 5_000, () => this.now);
  }

  warn(kind: string, times = 1): void {
    for (let i = 0; i < times; i++) this.warnings.warn(told('LIMIT', { limit: kind }), kind);
  }
}

describe('a warning', () => {
  it('of a kind is said at once the first time', () => {
    const clock = new Clock();
    clock.now = 0;
    clock.warn('a');
    expect(clock.said).toEqual([[{ code: 'LIMIT', limit: 'a' }, 'a is reached']]);
  });

  it('of the same kind is not said again for five seconds', () => {
    const clock = new Clock();
    clock.warn('a');
    clock.now += 4_999;
    clock.warn('a');
    expect(clock.said).toHaveLength(1);
    clock.now += 1;
    clock.warn('a');
    expect(clock.said).toHaveLength(2);
  });

  it('says how many were not said, once', () => {
    const clock = new Clock();
    clock.warn('a', 4);
    clock.now += 5_000;
    clock.warn('a');
    clock.now += 5_000;
    clock.warn('a');
    expect(clock.said.map(([fields]) => fields)).toEqual([
      { code: 'LIMIT', limit: 'a' },
      { code: 'LIMIT', limit: 'a', alsoUnsaid: 3 },
      { code: 'LIMIT', limit: 'a' },
    ]);
  });

  it('waits from the last one said, not from the last one asked for', () => {
    const clock = new Clock();
    for (let i = 0; i < 11; i++) {
      clock.warn('a');
      clock.now += 1_000;
    }
    expect(clock.said).toHaveLength(3);
  });

  it('does not hold back one of another kind', () => {
    const clock = new Clock();
    clock.warn('a', 2);
    clock.warn('b', 2);
    expect(clock.said.map(([, message]) => message)).toEqual(['a is reached', 'b is reached']);
  });

  it('of the 65th kind and later ones is counted with all of those', () => {
    const clock = new Clock();
    for (let i = 1; i <= 70; i++) clock.warn(`kind ${i}`);
    expect(clock.said).toHaveLength(65);
    clock.now += 5_000;
    clock.warn('kind 64');
    clock.warn('kind 99');
    expect(clock.said.slice(65)).toEqual([
      [{ code: 'LIMIT', limit: 'kind 64' }, 'kind 64 is reached'],
      [{ code: 'LIMIT', limit: 'kind 99', alsoUnsaid: 5 }, 'kind 99 is reached'],
    ]);
  });
});

describe('a line about a code', () => {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false, level: 'trace' }, { write: (line) => lines.push(line) });
  const said = (line: Parameters<typeof say>[1]) => {
    lines.length = 0;
    say(log, line);
    return lines.map((each) => JSON.parse(each));
  };

  it('has the code, the level of the code, and what it is about', () => {
    const fields = { folder: 'data', reason: '3 messages for bob' };
    const msg = 'held mail is damaged or not there: 3 messages for bob';
    expect(said(told('MAIL_MISSING', fields))).toEqual([{ level: 40, code: 'MAIL_MISSING', ...fields, msg }]);
  });

  it('says why a session has ended, or nothing, as its code has it', () => {
    const failure = { code: 'SOCKET', message: 'read ECONNRESET' } as const;
    const line = { level: 20, code: 'SOCKET', session: 7, msg: 'read ECONNRESET' };
    expect(said(ended(failure, { session: 7 }))).toEqual([line]);
    expect(said(ended({ code: 'QUIT', message: 'goodbye' }, {}))).toEqual([]);
  });

  it('counts for a limit of its own where no other kind is given', () => {
    const { warnings, said: warned } = new Clock();
    warnings.warn(told('ACCEPT_FAILED', {}));
    warnings.warn(told('LISTEN_FAILED', {}));
    warnings.warn(told('ACCEPT_FAILED', {}));
    expect(warned.map(([fields]) => fields)).toEqual([{ code: 'ACCEPT_FAILED' }, { code: 'LISTEN_FAILED' }]);
  });
});

describe('a name in the log', () => {
  it('is one line that hides nothing', () => {
    expect(shortName(Buffer.from('bob'))).toBe('bob');
    expect(shortName(Buffer.from('b\u200bo\u202eb\n\x1b[2J\u2028'))).toBe(
      'b\\u{200b}o\\u{202e}b\\u{a}\\u{1b}[2J\\u{2028}',
    );
    expect(shortName(Buffer.from('Jürgen 👋'))).toBe('Jürgen 👋');
  });

  it('is shortened, between two characters', () => {
    expect(shortName(Buffer.from('👋'.repeat(64)))).toBe('👋'.repeat(64));
    expect(shortName(Buffer.from('👋'.repeat(20_000)))).toBe(`${'👋'.repeat(64)}…`);
  });
});

describe('the line about lines that were dropped', () => {
  it('is one of the log', () => {
    expect(JSON.parse(droppedLine(1))).toMatchObject({ level: 40, dropped: 1, msg: '1 log line was dropped' });
    expect(JSON.parse(droppedLine(2))).toMatchObject({ level: 40, dropped: 2, msg: '2 log lines were dropped' });
  });
});
