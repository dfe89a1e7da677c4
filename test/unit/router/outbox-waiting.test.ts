import { describe, expect, it, vi } from 'vitest';
import { HIGH_WATER_BYTES } from '../../../src/router/outbox.ts';
import { connected, HEAVY, LOW_WATER_BYTES, PaperPort, putLarge } from '../../helpers/unit/outbox.ts';

describe('who waits for an outbox', () => {
  function waiting() {
    const { outbox, port } = connected();
    const resume = vi.fn();
    putLarge(outbox, HIGH_WATER_BYTES);
    outbox.waitFor(resume, HEAVY);
    return { outbox, port, resume };
  }

  it('is called once, with all others when the low-water mark is reached', () => {
    const { outbox, resume } = waiting();
    for (const more of [vi.fn(), vi.fn()]) outbox.waitFor(more, HEAVY);
    outbox.acknowledge(HIGH_WATER_BYTES - LOW_WATER_BYTES - 4);
    expect([resume.mock.calls.length, outbox.hasWaiting]).toEqual([1, true]);
    outbox.acknowledge(4);
    outbox.acknowledge(4);
    expect([resume.mock.calls.length, outbox.hasWaiting]).toEqual([1, false]);
  });

  it('goes one at a time where others keep it between the marks', () => {
    const { outbox } = connected();
    putLarge(outbox, HIGH_WATER_BYTES + 4);
    const resumed: number[] = [];
    for (const number of [1, 2]) outbox.waitFor(() => resumed.push(number), HEAVY);
    for (let answer = 0; answer < 2; answer++) {
      putLarge(outbox, LOW_WATER_BYTES + 4);
      outbox.acknowledge(outbox.unacknowledgedBytes);
    }
    expect(resumed).toEqual([1, 2]);
  });

  it('is not called while what is gathered leaves no room', () => {
    const { outbox, resume } = waiting();
    outbox.disconnect();
    putLarge(outbox, 2 * HIGH_WATER_BYTES);
    outbox.acknowledge(HIGH_WATER_BYTES);
    expect(resume).not.toHaveBeenCalled();
  });

  it('is not called any more once forgotten', () => {
    const { outbox, resume } = waiting();
    outbox.forget(resume);
    outbox.acknowledge(HIGH_WATER_BYTES);
    expect([resume.mock.calls.length, outbox.hasWaiting]).toEqual([0, false]);
  });

  it('may wait again when called, and is not called for that at once', () => {
    const { outbox } = waiting();
    const again = vi.fn(() => outbox.waitFor(again, HEAVY));
    outbox.waitFor(again, HEAVY);
    outbox.acknowledge(HIGH_WATER_BYTES);
    expect([again.mock.calls.length, outbox.hasWaiting]).toEqual([1, true]);
  });

  it('is called when a new shard is there', () => {
    const { outbox, resume } = waiting();
    outbox.disconnect();
    expect(resume).not.toHaveBeenCalled();
    outbox.connect(new PaperPort().asPort, undefined);
    expect(resume).toHaveBeenCalledTimes(1);
  });
});

describe('those who wait', () => {
  it('go on in turn, and no more of them than there is room for', () => {
    const { outbox } = connected();
    putLarge(outbox, HIGH_WATER_BYTES + 4);
    const resumed: number[] = [];
    const waiter = (number: number) => () => {
      resumed.push(number);
      putLarge(outbox, HIGH_WATER_BYTES / 2 + 4);
      if (resumed.length < 6) outbox.waitFor(waiter(number), HEAVY);
    };
    for (const number of [1, 2, 3]) outbox.waitFor(waiter(number), HEAVY);
    outbox.acknowledge(outbox.unacknowledgedBytes);
    expect(resumed).toEqual([1, 2]);
    outbox.acknowledge(outbox.unacknowledgedBytes);
    expect(resumed).toEqual([1, 2, 3, 1]);
  });
});
