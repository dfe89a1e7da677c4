/** The sums of a bench, at times of the test's own. */
import { describe, expect, it } from 'vitest';
import { asObject, asTable, busyNote, faultsOf } from '../../../../src/tools/cli/restante/bench/report.ts';
import { type Figures, Tally } from '../../../../src/tools/cli/restante/bench/tally.ts';

const BEGAN_AT = 5_000;
const OPTIONS = { pairs: 2, inFlight: 3, bytes: 1024, seconds: 10 };

/** 1,000 messages, one a millisecond: the i-th is accepted after i ms, and worked off after twice as long. */
function thousand(): Tally {
  const tally = new Tally(BEGAN_AT);
  for (let i = 1; i <= 1_000; i++) {
    tally.accepted(BEGAN_AT, BEGAN_AT + i);
    tally.workedOff(BEGAN_AT, BEGAN_AT + 2 * i);
  }
  return tally;
}

function expectNear(value: number, wanted: number): void {
  expect(Math.abs(value - wanted) / wanted, `${value} is ${wanted}`).toBeLessThan(0.005);
}

describe('a tally', () => {
  it('has rates over the time up to the last thing that happened', () => {
    const figures = thousand().figures(1024, 0);
    expect(figures).toMatchObject({ seconds: 2, accepted: 1_000, workedOff: 1_000, acceptedPerSecond: 500 });
    expect(figures.mebibytesPerSecond).toBeCloseTo(500 / 1024, 6);
  });

  it('has percentiles in milliseconds', () => {
    const { toAcceptedMs, toWorkedOffMs } = thousand().figures(1, 0);
    for (const [key, wanted] of Object.entries({ p50: 500, p90: 900, p99: 990, max: 1_000 })) {
      expectNear(toAcceptedMs[key as keyof typeof toAcceptedMs], wanted);
      expectNear(toWorkedOffMs[key as keyof typeof toWorkedOffMs], 2 * wanted);
    }
  });

  it('counts what was refused, what came twice, and what has no end', () => {
    const tally = new Tally(0);
    tally.accepted(0, 1);
    tally.refused();
    tally.repeated();
    tally.repeated();
    const figures = tally.figures(1, 3);
    expect(figures).toMatchObject({ accepted: 1, workedOff: 0, refused: 1, repeated: 2, unfinished: 3 });
    expect(faultsOf(figures)).toBe('of the messages are 1 refused, 2 repeated, 3 not worked off');
  });

  it('of nothing is zeros', () => {
    const figures = new Tally(7).figures(128, 0);
    const numbers = JSON.stringify(figures).match(/:[^{][^,}]*/g) ?? [];
    expect(new Set(numbers)).toEqual(new Set([':0']));
    expect(faultsOf(figures)).toBeUndefined();
  });
});

describe('a report', () => {
  const report = { ...(thousand().figures(1024, 0) satisfies Figures), processorSeconds: 0.5 };

  it('is one object, or a table', () => {
    expect(asObject(report, OPTIONS)).toMatchObject({ type: 'bench', pairs: 2, durable: false, processorSeconds: 0.5 });
    const table = asTable(report, { ...OPTIONS, durable: true });
    for (const text of ['worked off a second', '500', '0.5 s, 0.25 of a core']) expect(table).toContain(text);
    expect(table).toMatch(/send to accepted.* 1000\.\d\d ms/);
  });

  it('says when this process may be the limit', () => {
    expect(busyNote(report)).toBeUndefined();
    expect(busyNote({ ...report, processorSeconds: 1.9 })).toContain('95 % of a core');
  });
});
