/** Lines find the outboxes of their shards, and one for a congested shard is not routed at all. */
import { describe, expect, it } from 'vitest';
import { hashName, shardOf } from '../../src/channel/hash.ts';
import { prefixOf } from '../../src/channel/message.ts';
import { HIGH_WATER_BYTES } from '../../src/outbox.ts';
import { Router } from '../../src/router.ts';
import { lineOf } from '../helpers/unit-lines.ts';
import { valuesToShard } from '../helpers/unit-records.ts';

const PREFIX = prefixOf(Buffer.from('from a: '));

function nameOn(shard: number, shards: number): string {
  for (let i = 0; ; i++) if (shardOf(hashName(Buffer.from(`n${i}`)), shards) === shard) return `n${i}`;
}

function route(router: Router, line: string) {
  return router.route(1, PREFIX, lineOf(Buffer.from(line)));
}

/** The destinations of each message that waits in an outbox. */
function messages(router: Router, shard: number): string[][] {
  const post = router.outbox(shard).batch.take();
  if (post === undefined) return [];
  return valuesToShard(post).values.flatMap((value) => (value.kind === 'message' ? [value.to.slice()] : []));
}

describe('a line', () => {
  const [one, two, three] = [nameOn(0, 3), nameOn(1, 3), nameOn(2, 3)];

  it('goes to the outboxes of its destinations alone', () => {
    const router = new Router(3);
    expect(route(router, `${one}, ${two}, ${one}: x`)).toBe('routed');
    expect([0, 1, 2].map((shard) => messages(router, shard))).toEqual([[[one, one]], [[two]], []]);
  });

  it('without a colon goes nowhere', () => {
    const router = new Router(3);
    expect(route(router, one)).toBe('no colon');
    expect([0, 1, 2].map((shard) => messages(router, shard))).toEqual([[], [], []]);
  });

  it('for a congested shard is not routed, not even to its other shards; one for others is', () => {
    const router = new Router(3);
    router.outbox(0).batch.begin(6, HIGH_WATER_BYTES + 4);
    expect(route(router, `${one}, ${two}: x`)).toBe(router.outbox(0));
    expect(messages(router, 1)).toEqual([]);
    expect(route(router, `${two}, ${three}: x`)).toBe('routed');
    expect([messages(router, 1), messages(router, 2)]).toEqual([[[two]], [[three]]]);
  });
});
