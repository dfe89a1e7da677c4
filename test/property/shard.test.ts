import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type Post } from '../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../src/shared/wire/port/control.ts';
import type { ShardSettings } from '../../src/shared/wire/port/shard-task.ts';
import { firstNumberAt } from '../../src/store/numbers.ts';
import { Shard } from '../../workers/shard/shard.ts';
import { paced } from '../helpers/pace/pace.ts';
import { putToShard, type ToShardValue, valuesToMain } from '../helpers/unit/records.ts';
import { PaperBudget } from '../helpers/unit/shard/bench.ts';
import { PaperStore } from '../helpers/unit/store.ts';

type ReturnValue = Extract<ToShardValue, { kind: 'return' }>;
type Step = ToShardValue | { readonly kind: 'pass'; readonly seconds: number } | { readonly kind: 'post' };

const name = fc.constantFrom('bob', 'eve', '', '~probe', 'a,b', '__proto__');
const number = fc.integer({ min: 1, max: 6 });
const sum = fc.oneof({ weight: 5, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.integer() });
/**
 * Numbers of frames lie close together, as a shard gives them: each number between two that are stored costs a
 * deletion.
 */
const frame = fc.integer({ min: firstNumberAt(1_000_000) - 20, max: firstNumberAt(1_000_000) + 200 });
const line = fc.constantFrom('', 'a', 'bc', 'def', 'x'.repeat(20));
const kind = <K extends string>(value: K) => fc.constant(value);
const progress = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant({
      handedFrames: 0,
      handedBytes: 0,
      writtenFrames: 0,
      writtenBytes: 0,
      handedNumber: 0,
      writtenNumber: 0,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      handedFrames: sum,
      handedBytes: sum,
      writtenFrames: sum,
      writtenBytes: sum,
      handedNumber: frame,
      writtenNumber: frame,
    }),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind('attach'), number, name, sendOnly: fc.boolean(), progress }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('message'),
      sender: number,
      prefix: kind('p'),
      body: line,
      to: fc.array(name, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('written'), number, frames: sum, bytes: sum, last: frame }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('return'),
      attachment: number,
      name,
      last: fc.boolean(),
      writtenFrames: sum,
      writtenBytes: sum,
      writtenNumber: frame,
      runs: fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('flush'), flushId: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('drain') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('pass'), seconds: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('post') }) },
);
const limit = fc.constantFrom(1, 3, 40, Number.POSITIVE_INFINITY);
const settings: fc.Arbitrary<ShardSettings> = fc.record({
  holdSeconds: fc.constantFrom(0, 100, 100),
  holdUnknown: fc.boolean(),
  maxNameBytes: fc.constantFrom(1, 100),
  notices: fc.boolean(),
  strict: fc.boolean(),
  mailboxMaxMessages: limit,
  mailboxMaxBytes: limit,
  writeWindowBytes: fc.constantFrom(1, 10, 1000),
  firstWindowBytes: fc.constantFrom(1, 10),
  frontBytes: fc.constantFrom(1, 30, 1000),
  memoryBytes: fc.constantFrom(0, 100, 10_000),
  fullMemoryBytes: fc.constantFrom(0, 50, 1000, Number.POSITIVE_INFINITY),
  handedBytes: fc.constantFrom(0, 50, Number.POSITIVE_INFINITY),
  unreportedBytes: fc.constantFrom(0, 10),
  reservePercent: fc.constantFrom(0, 10, 50),
  maxNames: fc.constantFrom(0, 1, 1000),
  dedupeSeconds: fc.constantFrom(0, 100),
  dedupeMax: fc.constantFrom(1, 1000),
});

const droppedOf = ({ dropped }: ShardStats) => Object.values(dropped).reduce((all, count) => all + count, 0);

class Run {
  readonly budget: PaperBudget;
  readonly shard: Shard;
  now = 1_000_000;
  offered = 0;
  delivered = 0;
  readonly #store = new PaperStore();
  #nextNumber = firstNumberAt(1_000_000) - 4096;
  #in = new BatchBuilder();

  constructor(how: ShardSettings, heldMaxBytes: number) {
    this.budget = new PaperBudget(heldMaxBytes);
    this.shard = new Shard(how, {
      budget: this.budget,
      now: () => this.now,
      post: (post) => this.#note(post),
      store: this.#store,
      seed: 3,
    });
    putToShard(this.#in, { kind: 'begin' });
  }

  apply(doing: Step): void {
    if (doing.kind === 'post') this.post();
    else if (doing.kind === 'pass') this.pass(doing.seconds);
    else {
      if (doing.kind === 'message') this.offered += doing.to.length;
      putToShard(this.#in, doing.kind === 'return' ? this.#numbered(doing) : doing);
    }
  }

  /** No two frames of a name have the same number, and those handed out before this shard have low ones. */
  #numbered(mail: ReturnValue): ReturnValue {
    const firstNumber = this.#nextNumber;
    this.#nextNumber += mail.runs.flat().length;
    return { ...mail, firstNumber };
  }

  post(): void {
    const post = this.#in.take();
    if (post !== undefined) this.shard.receive(post);
    this.#finishTurn();
    this.#check();
  }

  pass(seconds: number): void {
    this.now += seconds;
    this.shard.tick();
    this.#finishTurn();
    this.#check();
  }

  /** Posts what there is to say, until the store has answered everything. */
  #finishTurn(): void {
    do this.shard.postOut();
    while (this.#store.answer());
  }

  /** What is held is what the budget says; every message offered is delivered, held or dropped, and counted once. */
  #check(): void {
    const stats = this.shard.stats();
    expect(stats.heldBytes).toBe(this.budget.used);
    expect(Math.min(stats.heldMessages, stats.memoryBytes, stats.namesAway)).toBeGreaterThanOrEqual(0);
    expect(stats.memoryBytes).toBeLessThanOrEqual(stats.heldBytes);
    if (this.#in.used > 0) return;
    expect(this.offered + stats.returned).toBe(stats.delivered + stats.heldMessages + droppedOf(stats));
    expect(stats.names).toBeGreaterThanOrEqual(stats.namesAway);
  }

  #note(post: Post): void {
    const { values, sound } = valuesToMain(post);
    expect(sound).toBe(true);
    for (const value of values) if (value.kind === 'delivered') this.delivered += value.lines.length;
  }
}

describe('a shard told anything, true or not', () => {
  it('never throws, counts every message once, and holds what it says it holds', () => {
    fc.assert(
      fc.property(settings, limit, fc.array(step, { maxLength: 80 }), (how, heldMaxBytes, steps) => {
        const run = new Run(how, heldMaxBytes);
        for (const doing of steps) run.apply(doing);
        run.post();
        expect(run.shard.stats().delivered).toBe(run.delivered);
      }),
      { numRuns: 3000, interruptAfterTimeLimit: paced(4000) },
    );
  });

  it('holds what can be drained by age: exactly so many messages and bytes', () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 60 }), (how, steps) => {
        const run = new Run({ ...how, holdSeconds: 100 }, Number.POSITIVE_INFINITY);
        for (const doing of steps) run.apply(doing);
        run.post();
        const before = run.shard.stats();
        run.pass(1000);
        const after = run.shard.stats();
        expect([after.heldMessages, after.heldBytes, run.budget.used]).toEqual([0, 0, 0]);
        expect(after.dropped.TOO_OLD - before.dropped.TOO_OLD).toBe(before.heldMessages);
      }),
      { numRuns: 1500, interruptAfterTimeLimit: paced(3000) },
    );
  });
});
