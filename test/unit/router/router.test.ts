/** Lines find the outboxes of their shards, and one for a congested shard is not routed at all. */
import { describe, expect, it } from 'vitest';
import { HIGH_WATER_BYTES } from '../../../src/router/outbox.ts';
import { PART_COST_BYTES } from '../../../src/router/router.ts';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { prefixOf } from '../../../src/shared/wire/message.ts';
import { LineRouter, lineOf } from '../../helpers/unit/lines.ts';
import { valuesToShard } from '../../helpers/unit/records.ts';

/** A message that makes no light line. */
const LONG = 'x'.repeat(5_000);
const PREFIX = prefixOf(Buffer.from('from a: '));

function nameOn(shard: number, shards: number): string {
  for (let i = 0; ; i++) if (shardOf(hashName(Buffer.from(`n${i}`)), shards) === shard) return `n${i}`;
}

function route(router: LineRouter, line: string) {
  return router.route(1, PREFIX, lineOf(Buffer.from(line)));
}

/** The destinations of each message that waits in an outbox. */
function messages({ router }: LineRouter, shard: number): string[][] {
  const post = router.outbox(shard).batch.take();
  if (post === undefined) return [];
  return valuesToShard(post).values.flatMap((value) => (value.kind === 'message' ? [value.to.slice()] : []));
}

describe('a line', () => {
  const [one, two, three] = [nameOn(0, 3), nameOn(1, 3), nameOn(2, 3)];

  it('goes to the outboxes of its destinations alone', () => {
    const router = new LineRouter(3);
    expect(route(router, `${one}, ${two}, ${one}: x`)).toBe('routed');
    expect([0, 1, 2].map((shard) => messages(router, shard))).toEqual([[[one, one]], [[two]], []]);
  });

  it('without a colon goes nowhere', () => {
    const router = new LineRouter(3);
    expect(route(router, one)).toBe('no colon');
    expect([0, 1, 2].map((shard) => messages(router, shard))).toEqual([[], [], []]);
  });

  it('to more names than are allowed goes nowhere, and one to as many as are allowed goes to all', () => {
    const router = new LineRouter(1, { maxNames: 3 });
    expect(route(router, 'a,b,c,d: x')).toBe('too many names');
    expect(route(router, 'a,b,c,d')).toBe('no colon');
    expect(messages(router, 0)).toEqual([]);
    expect(route(router, 'a,b,c: x, y, z')).toBe('routed');
    expect(messages(router, 0)).toEqual([['a', 'b', 'c']]);
  });

  it('for a congested shard is not routed, not even to its other shards; one for others is', () => {
    const router = new LineRouter(3);
    router.router.outbox(0).batch.begin(6, HIGH_WATER_BYTES + 4);
    expect(route(router, `${one}, ${two}: ${LONG}`)).toBe(router.router.outbox(0));
    expect(messages(router, 1)).toEqual([]);
    expect(route(router, `${two}, ${three}: ${LONG}`)).toBe('routed');
    expect([messages(router, 1), messages(router, 2)]).toEqual([[[two]], [[three]]]);
  });

  it('that asks for little is routed to a shard that long lines have congested', () => {
    const router = new LineRouter(1);
    router.router.outbox(0).batch.begin(6, HIGH_WATER_BYTES + 4);
    expect(route(router, `${one}: ${LONG}`)).toBe(router.router.outbox(0));
    expect(route(router, `${one}: x`)).toBe('routed');
    expect(route(router, `${one}, ${two}: x`)).toBe('routed');
  });
});

describe('a line that asks for much', () => {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const body = 'y'.repeat(30_000);
  const line = `${names.join(',')}: ${body}`;

  it('is put in parts, of all names in their order, each once', () => {
    const router = new LineRouter(1, { endOfTurn: () => undefined });
    expect(route(router, line)).toBe('routed');
    const parts = messages(router, 0);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.flat()).toEqual(names);
    for (const part of parts) expect(part.length * body.length).toBeLessThanOrEqual(PART_COST_BYTES);
  });

  it('names one at least in each part, however long it is', () => {
    const router = new LineRouter(1, { endOfTurn: () => undefined });
    expect(route(router, `a,b,c: ${'y'.repeat(PART_COST_BYTES)}`)).toBe('routed');
    expect(messages(router, 0)).toEqual([['a'], ['b'], ['c']]);
  });

  it('stops where it has asked for as much as it may, and goes on from there', () => {
    const router = new LineRouter(3, { endOfTurn: () => undefined });
    const got = [0, 1, 2].map((): string[] => []);
    let done = 0;
    let calls = 0;
    for (let result: unknown = 'in part'; result === 'in part'; calls++) {
      result = router.route(1, PREFIX, lineOf(Buffer.from(line)), done, 1);
      expect(router.router.namesDone).toBeGreaterThan(done);
      expect(router.router.costBytes).toBeLessThanOrEqual(PART_COST_BYTES);
      done = router.router.namesDone;
      for (const [shard, all] of got.entries()) all.push(...messages(router, shard).flat());
    }
    expect(calls).toBeGreaterThan(5);
    for (const [shard, all] of got.entries()) {
      expect(all).toEqual(names.filter((name) => shardOf(hashName(Buffer.from(name)), 3) === shard));
    }
  });

  it('waits for a congested shard where it stands, and says how far it has come', () => {
    const router = new LineRouter(1, { endOfTurn: () => undefined });
    expect(route(router, `${'n,'.repeat(900)}n: ${body}`)).toBe(router.router.outbox(0));
    const sent = messages(router, 0).flat();
    expect(sent.length).toBe(router.router.namesDone);
    expect(router.router.namesDone).toBeGreaterThan(0);
    expect(router.router.askedBytes).toBeGreaterThan(body.length);
  });

  it('that was written to before is put in parts too', () => {
    const router = new LineRouter(1, { endOfTurn: () => undefined });
    for (let i = 0; i < 3; i++) expect(route(router, 'a,b,c,d,e: x')).toBe('routed');
    messages(router, 0);
    expect(route(router, `a,b,c,d,e: ${'y'.repeat(PART_COST_BYTES / 2)}`)).toBe('routed');
    expect(messages(router, 0)).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
  });
});
