import { describe, expect, it } from 'vitest';
import { WaitingSenders } from '../../../src/router/waiting-senders.ts';

const person = () => () => undefined;

describe('who waits for a shard', () => {
  it('goes in the order of coming, those with little to ask before those with much', () => {
    const line = new WaitingSenders();
    const [heavy, first, second] = [person(), person(), person()];
    line.add(heavy, true);
    line.add(first, false);
    line.add(second, false);
    expect(line.size).toBe(3);
    expect([line.take(false), line.take(false), line.take(false), line.take(false)]).toEqual([
      first,
      second,
      heavy,
      undefined,
    ]);
    expect(line.size).toBe(0);
  });

  it('with much to ask has its turn however many come with little', () => {
    const line = new WaitingSenders();
    const heavy = person();
    line.add(heavy, true);
    let turns = 0;
    for (let next: unknown; next !== heavy; turns++) {
      line.add(person(), false);
      next = line.take(false);
    }
    expect(turns).toBe(17);
  });

  it('with much to ask stays where there is only room for those with little', () => {
    const line = new WaitingSenders();
    const [heavy, light] = [person(), person()];
    line.add(heavy, true);
    line.add(light, false);
    expect([line.take(true), line.take(true), line.size]).toEqual([light, undefined, 1]);
  });

  it('does not go once it has left', () => {
    const line = new WaitingSenders();
    const [heavy, light] = [person(), person()];
    line.add(heavy, true);
    line.add(light, false);
    line.delete(heavy);
    line.delete(light);
    expect([line.take(false), line.size]).toEqual([undefined, 0]);
  });
});
