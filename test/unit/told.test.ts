import { describe, expect, it } from 'vitest';
import { MAX_TOLD, Told, UNKNOWN_EPOCH } from '../../workers/told.ts';

const [BOB, EVE] = [Buffer.from('bob'), Buffer.from('eve')];

describe('who has been told', () => {
  it('is told once a state, and again in a new one', () => {
    const told = new Told();
    const answers = [1, 1, 2, 2, 1].map((epoch) => told.shouldTell(9, BOB, epoch));
    expect(answers).toEqual([true, false, true, false, true]);
  });

  it('is told for itself, of each name for itself, in any order', () => {
    const told = new Told();
    const ask = () => [
      told.shouldTell(9, BOB, 1),
      told.shouldTell(8, BOB, 1),
      told.shouldTell(9, EVE, 2),
      told.shouldTell(8, EVE, 2),
    ];
    expect(ask()).toEqual([true, true, true, true]);
    expect(ask()).toEqual([false, false, false, false]);
  });

  it('is told of each unknown name, though all of them have one epoch', () => {
    const told = new Told();
    const ask = (name: Buffer) => told.shouldTell(9, name, UNKNOWN_EPOCH);
    expect([ask(BOB), ask(EVE), ask(BOB), ask(EVE)]).toEqual([true, true, false, false]);
  });

  it('is not mixed up by names that look like a number or are no text', () => {
    const told = new Told();
    const pairs: [number, Uint8Array][] = [
      [1, Buffer.from('1:1')],
      [11, Buffer.from('1')],
      [1, Uint8Array.of(0xff)],
      [1, Uint8Array.of(0xfe)],
      [1, Uint8Array.of()],
    ];
    expect(pairs.map(([sender, name]) => told.shouldTell(sender, name, UNKNOWN_EPOCH))).not.toContain(false);
    expect(told.size).toBe(pairs.length);
  });

  it('is read from the part of the buffer that the name is', () => {
    const told = new Told();
    told.shouldTell(9, Buffer.from('xbobx').subarray(1, 4), UNKNOWN_EPOCH);
    expect(told.shouldTell(9, BOB, UNKNOWN_EPOCH)).toBe(false);
  });
});

describe('the memory of who has been told', () => {
  it('forgets the oldest past its limit', () => {
    const told = new Told(2);
    const ask = (sender: number) => told.shouldTell(sender, BOB, sender);
    expect([ask(1), ask(2), ask(1), ask(3)]).toEqual([true, true, false, true]);
    expect(told.size).toBe(2);
    expect([ask(2), ask(3), ask(1)]).toEqual([false, false, true]);
  });

  it('counts a pair that is told anew as the newest', () => {
    const told = new Told(2);
    const asked = [1, 2, 1].map((sender, index) => told.shouldTell(sender, BOB, 10 + index));
    told.shouldTell(3, BOB, 20);
    expect([asked, told.shouldTell(1, BOB, 12)]).toEqual([[true, true, true], false]);
  });

  it('keeps at least half of its limit, and never more than all of it', () => {
    const told = new Told(100);
    for (let sender = 1; sender <= 1000; sender++) {
      told.shouldTell(sender, BOB, UNKNOWN_EPOCH);
      expect(told.size).toBeLessThanOrEqual(100);
    }
    const again = Array.from({ length: 50 }, (_, i) => told.shouldTell(951 + i, BOB, UNKNOWN_EPOCH));
    expect(again).not.toContain(true);
  });

  it('has a limit by itself', () => {
    const told = new Told();
    for (let sender = 0; sender < MAX_TOLD + 10; sender++) told.shouldTell(sender, BOB, UNKNOWN_EPOCH);
    expect(told.size).toBeLessThanOrEqual(MAX_TOLD);
    expect(told.size).toBeGreaterThan(0);
  });
});

describe('a name that was known and is forgotten', () => {
  it('is news to who was told before that it is unknown, once', () => {
    const told = new Told();
    const ask = (name: Buffer) => told.shouldTell(9, name, told.unknownEpoch(name));
    expect([ask(BOB), ask(EVE)]).toEqual([true, true]);
    told.forgotten(BOB, 5);
    expect([ask(BOB), ask(EVE), ask(BOB)]).toEqual([true, false, false]);
  });
});

describe('a very long name', () => {
  it('is told apart by its first 256 bytes, so that it costs no more than they do', () => {
    const told = new Told();
    const ask = (name: string) => told.shouldTell(9, Buffer.from(name), UNKNOWN_EPOCH);
    const long = 'x'.repeat(256);
    expect([ask(`${long}1`), ask(`${long}2`), ask('x'.repeat(255))]).toEqual([true, false, true]);
  });
});
