/** Whether a list was written to before or not, in this batch or another, its messages go to the same names. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Router } from '../../src/router/router.ts';
import { hashName, shardOf } from '../../src/shared/common/name-hash.ts';
import { prefixOf } from '../../src/shared/wire/message.ts';
import { paced } from '../helpers/pace/pace.ts';
import { LineRouter, lineOf, naiveSplit } from '../helpers/unit/lines.ts';
import { valuesToShard } from '../helpers/unit/records.ts';

const SHARDS = 3;
const budget = { numRuns: 500, interruptAfterTimeLimit: paced(3000) };

const name = fc.constantFrom('', 'bob', 'eve ', 'joe', '\tamy', 'é', 'n'.repeat(30), 'b:b', '\u00a0x\u00a0');
const list = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join(','));
const text = fc.oneof(list, fc.string({ unit: fc.constantFrom('a', ',', ':', ' ', 'é', '\u3a3a'), maxLength: 12 }));
/** Few different lists, so that most come again; `true` ends a batch of each shard. */
const steps = fc
  .array(text, { minLength: 1, maxLength: 4 })
  .chain((lists) =>
    fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...lists) }, fc.constant(true)), { maxLength: 40 }),
  );

type Seen = Record<number, { to: string[]; body: string }[]>;

function expected(lines: readonly string[]): Seen {
  const seen: Seen = { 0: [], 1: [], 2: [] };
  for (const line of lines) {
    const split = naiveSplit(line);
    for (let shard = 0; shard < SHARDS; shard++) {
      const to = split?.to.filter((each) => shardOf(hashName(Buffer.from(each)), SHARDS) === shard) ?? [];
      if (split !== undefined && to.length > 0) seen[shard]?.push({ to, body: split.body });
    }
  }
  return seen;
}

function take(router: Router, seen: Seen): void {
  for (let shard = 0; shard < SHARDS; shard++) {
    const post = router.outbox(shard).batch.take();
    if (post === undefined) continue;
    const { values, sound } = valuesToShard(post);
    expect(sound).toBe(true);
    for (const value of values) {
      if (value.kind !== 'message') throw new Error(`a ${value.kind}`);
      expect([value.sender, value.prefix]).toEqual([7, 'from a: ']);
      const utf8 = (bytes: string) => Buffer.from(bytes, 'latin1').toString();
      seen[shard]?.push({ to: value.to.map(utf8), body: utf8(value.body) });
    }
  }
}

describe('lines', () => {
  it('reach the names that a reference on strings splits off, by the shard of each', () => {
    fc.assert(
      fc.property(steps, fc.nat(5), (each, before) => {
        const sends = new LineRouter(SHARDS, { endOfTurn: () => undefined });
        const { router } = sends;
        const seen: Seen = { 0: [], 1: [], 2: [] };
        const lines: string[] = [];
        for (const step of each) {
          if (step === true) {
            take(router, seen);
            continue;
          }
          const line = `${step}${step.includes(':') ? '' : ':'} message ${lines.length}`;
          lines.push(line);
          const whole = Buffer.concat([Buffer.alloc(before, ':'), Buffer.from(line)]);
          expect(sends.route(7, prefixOf(Buffer.from('from a: ')), lineOf(whole, before))).not.toBeTypeOf('object');
        }
        take(router, seen);
        expect(seen).toEqual(expected(lines));
      }),
      budget,
    );
  });
});
