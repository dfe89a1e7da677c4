import { describe, expect, it } from 'vitest';
import { CostMark, LEAST_COST_BYTES, MOST_COST_BYTES, SLOW_ANSWER_MS } from '../../../src/router/cost-mark.ts';

describe('what a shard may be asked for', () => {
  it('is halved by a slow answer, once for all that was posted before', () => {
    const mark = new CostMark();
    mark.answered(0, SLOW_ANSWER_MS + 1);
    mark.answered(1, SLOW_ANSWER_MS + 2);
    expect(mark.bytes).toBe(MOST_COST_BYTES / 2);
    mark.answered(SLOW_ANSWER_MS + 2, 3 * SLOW_ANSWER_MS);
    expect(mark.bytes).toBe(MOST_COST_BYTES / 4);
  });

  it('never falls below the least, nor rises above the most', () => {
    const mark = new CostMark();
    for (let at = 0; at < 100_000; at += 1_000) mark.answered(at, at + 500);
    expect(mark.bytes).toBe(LEAST_COST_BYTES);
    for (let at = 0; at < 100; at++) mark.answered(at, at + SLOW_ANSWER_MS);
    expect(mark.bytes).toBe(MOST_COST_BYTES);
  });
});
