import { describe, expect, it } from 'vitest';
import { PINGS_BEFORE_THE_END, type Pings, SWEEPS_A_PING } from '../../../../src/session/program/pings.ts';
import { ProgramBench } from './bench.ts';

function sweep(pings: Pings, times: number): void {
  for (let i = 0; i < times; i++) pings.sweep();
}

describe('a program', () => {
  it('that is silent is pinged, again and again, and is given up in the end', () => {
    const bench = new ProgramBench();
    sweep(bench.pings, SWEEPS_A_PING - 1);
    expect(bench.endTurn().told).toEqual([]);
    sweep(bench.pings, 1);
    expect(bench.endTurn().told).toEqual([{ type: 'ping' }]);
    sweep(bench.pings, SWEEPS_A_PING * (PINGS_BEFORE_THE_END - 1) - 1);
    expect([bench.endTurn().told.length, bench.ended]).toEqual([PINGS_BEFORE_THE_END - 1, undefined]);
    sweep(bench.pings, 1);
    expect(bench.ended).toMatchObject({ code: 'PROGRAM_SILENT', message: 'nothing came from you for 75 seconds' });
    expect(bench.endTurn().told.length).toBe(PINGS_BEFORE_THE_END - 1);
  });

  it('that is heard is not pinged', () => {
    const bench = new ProgramBench();
    for (let i = 0; i < PINGS_BEFORE_THE_END * SWEEPS_A_PING; i++) {
      sweep(bench.pings, SWEEPS_A_PING - 1);
      bench.heard = true;
      sweep(bench.pings, 1);
      bench.heard = false;
    }
    expect([bench.endTurn().told, bench.ended]).toEqual([[], undefined]);
  });

  it('that has left is not looked at', () => {
    const bench = new ProgramBench();
    expect(bench.pings.size).toBe(1);
    bench.program.ended();
    expect(bench.pings.size).toBe(0);
  });
});
