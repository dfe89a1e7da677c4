import { describe, expect, it } from 'vitest';
import { MAX_WATCHES, nameKey, Presence } from '../../../../src/session/presence.ts';
import { MAX_WATCHED_NAMES } from '../../../../src/session/program/watch.ts';
import { NOW, ProgramBench } from './bench.ts';

const peer = (name: string) => ({ name: Buffer.from(name) });
const presence = (name: string, here: boolean) => ({ type: 'presence', name, here, time: NOW });
const watch = (...names: string[]) => ({ type: 'watch', names });
const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('a name that is watched', () => {
  it('is told at once, and at each change', () => {
    const bench = new ProgramBench();
    const carol = peer('carol');
    bench.presence.enter(carol);
    bench.ask(watch('carol', 'dave', 'carol'));
    expect(bench.endTurn().told).toEqual([presence('carol', true), presence('dave', false)]);
    bench.presence.leave(carol);
    bench.endTurn();
    bench.presence.enter(peer('dave'));
    bench.presence.enter(peer('eve'));
    expect(bench.endTurn().told.slice(2)).toEqual([presence('carol', false), presence('dave', true)]);
  });

  it('is told again if it is watched again, and is told of once at a change', () => {
    const bench = new ProgramBench();
    bench.ask(watch('carol'));
    bench.ask(watch('carol'));
    expect(bench.endTurn().told).toEqual([presence('carol', false), presence('carol', false)]);
    bench.presence.enter(peer('carol'));
    expect([bench.endTurn().told.length, bench.presence.watches]).toEqual([3, 1]);
  });

  it('is told of once where it came and was watched in one turn', () => {
    const bench = new ProgramBench();
    bench.ask(watch('carol'));
    bench.presence.enter(peer('carol'));
    bench.ask(watch('carol'));
    expect(bench.endTurn().told).toEqual([presence('carol', false), presence('carol', true)]);
  });

  it('is told of no more once it is not watched', () => {
    const bench = new ProgramBench();
    bench.ask(watch('carol', 'dave'));
    bench.presence.enter(peer('carol'));
    bench.ask({ type: 'unwatch', names: ['carol', 'eve'] });
    bench.presence.enter(peer('dave'));
    expect(bench.endTurn().told.slice(2)).toEqual([presence('dave', true)]);
    expect(bench.presence.watches).toBe(1);
  });

  it('is not told to be here twice, though the next life of its shard says so', () => {
    const bench = new ProgramBench();
    const carol = peer('carol');
    bench.ask(watch('carol'));
    for (let i = 0; i < 2; i++) bench.presence.enter(carol);
    expect(bench.endTurn().told).toEqual([presence('carol', false), presence('carol', true)]);
    bench.presence.leave(peer('carol')); // another session of that name, which never held it
    expect(bench.endTurn().told.length).toBe(2);
  });
});

describe('a program that does not read', () => {
  it('is told the newest state of each name when it reads', () => {
    const bench = new ProgramBench();
    const [carol, dave] = [peer('carol'), peer('dave')];
    bench.ask(watch('carol', 'dave'));
    bench.endTurn().told.length = 0;
    bench.waiting.bytes = 1;
    bench.presence.enter(dave);
    for (let i = 0; i < 1_000; i++) {
      bench.presence.enter(carol);
      bench.endTurn().presence.leave(carol);
    }
    expect(bench.endTurn().told).toEqual([]);
    bench.waiting.bytes = 0;
    bench.waiting.whenTaken?.();
    expect(bench.endTurn().told).toEqual([presence('dave', true), presence('carol', false)]);
    bench.waiting.whenTaken?.();
    expect(bench.endTurn().told.length).toBe(2);
  });
});

describe('a session', () => {
  it(`watches ${MAX_WATCHED_NAMES} names, and none of those that are too many`, () => {
    const bench = new ProgramBench();
    bench.ask(watch(...names(MAX_WATCHED_NAMES - 1)));
    bench.ask({ type: 'watch', id: 'w', names: ['carol', 'dave'] });
    expect(bench.endTurn().of('error')).toEqual([
      {
        type: 'error',
        id: 'w',
        code: 'WATCHES_FULL',
        message: 'one program may watch 1000 names: none of these is added',
      },
    ]);
    expect(bench.presence.watches).toBe(MAX_WATCHED_NAMES - 1);
    bench.ask(watch('n0', 'carol'));
    expect([bench.presence.watches, bench.endTurn().of('error').length]).toEqual([MAX_WATCHED_NAMES, 1]);
  });

  it('that ends watches nothing any more', () => {
    const bench = new ProgramBench();
    bench.ask(watch('carol', 'dave'));
    bench.endTurn().presence.enter(peer('carol'));
    bench.program.ended();
    expect([bench.endTurn().told.length, bench.presence.watches, bench.pings.size]).toEqual([2, 0, 0]);
  });
});

it(`all sessions together watch ${MAX_WATCHES} names`, () => {
  const all = new Presence();
  const bench = new ProgramBench(1, all);
  const nobody = { changed: () => undefined };
  for (const name of names(MAX_WATCHES - 1, 'other')) all.watch(name, nobody);
  bench.ask(watch('carol', 'dave'));
  bench.ask(watch('carol'));
  bench.ask(watch('dave'));
  expect(bench.endTurn().told).toMatchObject([{ code: 'WATCHES_FULL' }, { name: 'carol' }, { code: 'WATCHES_FULL' }]);
  all.unwatch(nameKey(Buffer.from('other0')), nobody);
  bench.ask(watch('dave'));
  expect([bench.endTurn().of('presence').length, all.watches]).toEqual([2, MAX_WATCHES]);
});
