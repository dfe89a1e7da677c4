import { describe, expect, it, vi } from 'vitest';
import {
  PINGS_BEFORE_THE_END,
  type PingedProgram,
  Pings,
  SWEEPS_A_PING,
} from '../../../../src/session/program/pings.ts';
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

  it('is pinged after the time that it was told, whatever others were', () => {
    vi.useFakeTimers();
    const pings = new Pings();
    const pinged: string[] = [];
    const program = (name: string): PingedProgram => ({
      takeHeard: () => false,
      ping: () => void pinged.push(name),
      giveUp: () => void pinged.push(`${name} is given up`),
    });
    const [early, late] = [program('early'), program('late')];
    pings.add(early, 25);
    pings.start();
    pings.add(late, 1);
    vi.advanceTimersByTime(2_000);
    expect([pinged, pings.size]).toEqual([['late', 'late'], 2]);
    pings.remove(late, 1);
    vi.advanceTimersByTime(23_000);
    expect([pinged, pings.size]).toEqual([['late', 'late', 'early'], 1]);
    pings.add(late, 1);
    pings.end();
    vi.advanceTimersByTime(100_000);
    expect(pinged).toEqual(['late', 'late', 'early']);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('that has left is not looked at', () => {
    const bench = new ProgramBench();
    expect(bench.pings.size).toBe(1);
    bench.program.ended();
    expect(bench.pings.size).toBe(0);
  });
});
