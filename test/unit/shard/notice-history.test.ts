import { describe, expect, it } from 'vitest';
import {
  MAX_COUNTED_NAMES_A_SENDER,
  MAX_NEWS_A_TICK,
  MAX_PAIRS,
  NoticeHistory,
  TICKS_BETWEEN_COUNTS,
  UNKNOWN_VERSION,
} from '../../../workers/shard/notices/notice-history.ts';

const [BOB, EVE] = [Buffer.from('bob'), Buffer.from('eve')];

/** A notice history, and the counts it sends as `sender kind name more`. */
function bench(max?: number) {
  const counts: string[] = [];
  const history = new NoticeHistory(
    (sender, kind, name, more) => counts.push(`${sender} ${kind} ${Buffer.from(name)} ${more}`),
    max,
  );
  const tell = (sender: number, name: Uint8Array, version: number = UNKNOWN_VERSION) =>
    history.shouldNotify(sender, 'unknown', name, version);
  return {
    history,
    tell,
    held: (sender: number, name: Uint8Array, version: number) => history.shouldNotify(sender, 'held', name, version),
    full: (sender: number, name: Uint8Array, version: number) => history.shouldNotify(sender, 'full', name, version),
    /** Lets ticks pass. @returns what was said since it was called last */
    pass: (ticks = TICKS_BETWEEN_COUNTS) => {
      for (let i = 0; i < ticks; i++) history.tick();
      return counts.splice(0);
    },
  };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`n${i}`));

describe('a sender', () => {
  it('is told once a state, and again in a new one', () => {
    const { tell } = bench();
    expect([1, 1, 2, 2, 1].map((version) => tell(9, BOB, version))).toEqual([true, false, true, false, true]);
  });

  it('is told for itself, of each name for itself, in any order', () => {
    const { tell } = bench();
    const ask = () => [tell(9, BOB, 1), tell(8, BOB, 1), tell(9, EVE, 2), tell(8, EVE, 2)];
    expect(ask()).toEqual([true, true, true, true]);
    expect(ask()).toEqual([false, false, false, false]);
  });

  it('is told of each unknown name, though all of them have one version', () => {
    const { tell } = bench();
    expect([tell(9, BOB), tell(9, EVE), tell(9, BOB), tell(9, EVE)]).toEqual([true, true, false, false]);
  });

  it('is not mixed up by names that look like a number or are no text', () => {
    const { history, tell } = bench();
    const pairs: [number, Uint8Array][] = [
      [1, Buffer.from('1:1')],
      [11, Buffer.from('1')],
      [1, Uint8Array.of(0xff)],
      [1, Uint8Array.of(0xfe)],
      [1, Uint8Array.of()],
    ];
    expect(pairs.map(([sender, name]) => tell(sender, name))).not.toContain(false);
    expect(history.size).toBe(pairs.length);
  });

  it('is read from the part of the buffer that the name is, and copied out of it', () => {
    const { tell } = bench();
    const batch = Buffer.from('xbobx');
    tell(9, batch.subarray(1, 4));
    batch.fill('?');
    expect(tell(9, BOB)).toBe(false);
  });
});

describe('the notice history', () => {
  it('forgets the oldest past its limit', () => {
    const { history, tell } = bench(2);
    const ask = (sender: number) => tell(sender, BOB, sender);
    expect([ask(1), ask(2), ask(1), ask(3)]).toEqual([true, true, false, true]);
    expect(history.size).toBe(2);
    expect([ask(2), ask(3), ask(1)]).toEqual([false, false, true]);
  });

  it('counts a pair with a new state as the newest', () => {
    const { tell } = bench(2);
    const asked = [1, 2, 1].map((sender, index) => tell(sender, BOB, 10 + index));
    tell(3, BOB, 20);
    expect([asked, tell(1, BOB, 12)]).toEqual([[true, true, true], false]);
  });

  it('keeps at least half of its limit, and never more than all of it', () => {
    const { history, tell } = bench(100);
    for (let sender = 1; sender <= 1000; sender++) {
      tell(sender, BOB);
      expect(history.size).toBeLessThanOrEqual(100);
    }
    const again = Array.from({ length: 50 }, (_, i) => tell(951 + i, BOB));
    expect(again).not.toContain(true);
  });

  it('has a limit by itself', () => {
    const { history, tell, pass } = bench();
    for (let sender = 0; sender < MAX_PAIRS + 10; sender++) {
      tell(sender, BOB);
      if (sender % 10_000 === 0) pass();
    }
    expect(history.size).toBeLessThanOrEqual(MAX_PAIRS);
    expect(history.size).toBeGreaterThan(0);
  });
});

describe('a name that was known and is forgotten', () => {
  it('is news once to a sender that was told before that it is unknown', () => {
    const { history, tell } = bench();
    const ask = (name: Buffer) => tell(9, name, history.unknownVersion(name));
    expect([ask(BOB), ask(EVE)]).toEqual([true, true]);
    history.forgotten(BOB, 5);
    expect([ask(BOB), ask(EVE), ask(BOB)]).toEqual([true, false, false]);
  });
});

describe('a very long name', () => {
  it('is told apart by its first 256 bytes, so that it costs no more than they do', () => {
    const { tell } = bench();
    const ask = (name: string) => tell(9, Buffer.from(name));
    const long = 'x'.repeat(256);
    expect([ask(`${long}1`), ask(`${long}2`), ask('x'.repeat(255))]).toEqual([true, false, true]);
  });
});

describe('what is dropped after the news', () => {
  it('is counted, and said once in five ticks, of each sender and name', () => {
    const { tell, pass } = bench();
    for (const name of [BOB, BOB, BOB, EVE, BOB, EVE]) tell(9, name);
    tell(8, BOB);
    tell(8, BOB);
    expect(pass(TICKS_BETWEEN_COUNTS - 1)).toEqual([]);
    expect(pass(1)).toEqual(['9 unknown bob 3', '9 unknown eve 1', '8 unknown bob 1']);
    expect(pass()).toEqual([]);
    tell(9, BOB);
    expect(pass()).toEqual(['9 unknown bob 1']);
  });

  it('is not counted where it is held', () => {
    const { held, pass } = bench();
    for (let i = 0; i < 3; i++) held(9, BOB, 1);
    expect(pass()).toEqual([]);
  });

  it('is counted as what it was last', () => {
    const { full, pass } = bench();
    for (let i = 0; i < 3; i++) full(9, BOB, 1);
    expect(pass()).toEqual(['9 full bob 2']);
  });

  it('is said at its time, whatever is news by then: a state that comes and goes is no traffic', () => {
    const { full, held, pass } = bench();
    for (let version = 1; version < 9; version += 2) for (const told of [full, full, full, held]) told(9, BOB, version);
    expect(pass(TICKS_BETWEEN_COUNTS - 1)).toEqual([]);
    expect(pass(1)).toEqual(['9 full bob 8']);
  });

  it('is counted without a name past so many names of one sender, all of it', () => {
    const { tell, pass } = bench();
    const names = numbered(3 * MAX_COUNTED_NAMES_A_SENDER);
    for (let i = 0; i < 3; i++) {
      for (const name of names.slice(i * MAX_NEWS_A_TICK, (i + 1) * MAX_NEWS_A_TICK)) tell(9, name);
      pass(1);
    }
    for (const name of names) tell(9, name);
    const said = pass();
    expect(said).toHaveLength(MAX_COUNTED_NAMES_A_SENDER + 1);
    expect(said.at(-1)).toBe(`9 others  ${2 * MAX_COUNTED_NAMES_A_SENDER}`);
  });
});

describe('a sender that writes to very many names', () => {
  it('is told of so many a tick; the rest is counted, and nothing is remembered of it', () => {
    const { history, tell, pass } = bench();
    const names = numbered(10_000);
    expect(names.filter((name) => tell(9, name))).toHaveLength(MAX_NEWS_A_TICK);
    expect(history.size).toBe(MAX_NEWS_A_TICK);
    expect(tell(8, BOB)).toBe(true);
    expect(pass()).toEqual([`9 others  ${10_000 - MAX_NEWS_A_TICK}`]);
  });

  it('is told of others in the next tick', () => {
    const { history, tell } = bench();
    for (const name of numbered(100)) tell(9, name);
    expect(tell(9, BOB)).toBe(false);
    history.tick();
    expect(tell(9, BOB)).toBe(true);
  });
});
