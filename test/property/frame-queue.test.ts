import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameQueue } from '../../src/shared/wire/frames/frame-queue.ts';
import { FRAME_HEADER_WORDS, type Frames, newFrames, ownFrames } from '../../src/shared/wire/frames/frames.ts';
import { paced } from '../helpers/pace/pace.ts';

/** A frame of the model; `fill` is what all its bytes are. */
interface Frame {
  readonly length: number;
  readonly fill: number;
  readonly body: number;
  readonly heldAt: number;
}

type Step =
  | { readonly kind: 'push'; readonly frame: Frame }
  | { readonly kind: 'pushRun'; readonly frames: Frame[] }
  | { readonly kind: 'unshift'; readonly runs: Frame[][]; readonly now: number }
  | { readonly kind: 'front'; readonly maxBytes: number; readonly atLeastOne: boolean }
  | { readonly kind: 'take'; readonly share: number }
  | { readonly kind: 'takeRun'; readonly maxBytes: number }
  | { readonly kind: 'takeView'; readonly maxBytes: number }
  | { readonly kind: 'expire'; readonly oldest: number };

const length = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 500, max: 9000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
);
const time = fc.nat(9);
const frame: fc.Arbitrary<Frame> = fc.record({ length, fill: fc.nat(255), body: fc.nat(5), heldAt: time });
const frames = fc.array(frame, { maxLength: 8 });
const maxBytes = fc.oneof(fc.integer({ min: -5, max: 200 }), fc.nat(150_000), fc.constant(Number.POSITIVE_INFINITY));
const kind = <K extends string>(name: K) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('push'), frame }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('pushRun'), frames }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('unshift'), runs: fc.array(frames, { maxLength: 3 }), now: time }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('front'), maxBytes, atLeastOne: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('take'), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('takeRun'), maxBytes }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('takeView'), maxBytes }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('expire'), oldest: time }) },
);

const sizeOf = (list: readonly Frame[]) => list.reduce((sum, { length: bytes }) => sum + bytes, 0);

function runOf(list: readonly Frame[]): Frames {
  const run = newFrames(list.length, sizeOf(list));
  let at = 0;
  for (const [index, { length: bytes, fill, body, heldAt }] of list.entries()) {
    run.headers.set([bytes, body, heldAt], index * FRAME_HEADER_WORDS);
    run.bytes.fill(fill, at, at + bytes);
    at += bytes;
  }
  return run;
}

/** The same queue as a plain array beside it. */
class Model {
  readonly queue = new FrameQueue();
  #frames: Frame[] = [];

  apply(doing: Step): void {
    switch (doing.kind) {
      case 'push':
        this.#push(doing.frame);
        return;
      case 'pushRun':
        this.#frames.push(...doing.frames);
        this.queue.pushRun(runOf(doing.frames));
        return;
      case 'unshift':
        this.#unshift(doing.runs, doing.now);
        return;
      case 'front':
        this.#front(doing.maxBytes, doing.atLeastOne);
        return;
      case 'take':
        this.#take(Math.floor(doing.share * this.#frames.length));
        return;
      case 'takeRun':
        this.#sameAsRun(this.queue.takeRun(doing.maxBytes), this.#extent(doing.maxBytes, true));
        return;
      case 'takeView':
        this.#takeView(doing.maxBytes);
        return;
      case 'expire':
        this.#expire(doing.oldest);
        return;
      default:
        doing satisfies never;
    }
  }

  check(): void {
    expect([this.queue.count, this.queue.bytes]).toEqual([this.#frames.length, sizeOf(this.#frames)]);
  }

  #push(added: Frame): void {
    this.#frames.push(added);
    const source = Buffer.alloc(added.length + 7, 0xee).fill(added.fill, 3, 3 + added.length);
    this.queue.push(source, 3, added.length, added.body, added.heldAt, 0);
  }

  #unshift(runs: readonly Frame[][], now: number): void {
    const back = runs.flat().map((each) => ({ ...each, heldAt: each.heldAt === 0 ? now : each.heldAt }));
    this.#frames = [...back, ...this.#frames];
    this.queue.unshift(runs.map(runOf), now);
  }

  #front(bytes: number, atLeastOne: boolean): void {
    const count = this.#extent(bytes, atLeastOne);
    expect(this.queue.extent(bytes, atLeastOne)).toEqual({ count, bytes: sizeOf(this.#frames.slice(0, count)) });
  }

  #take(count: number): void {
    const room = newFrames(count, sizeOf(this.#frames.slice(0, count)));
    this.queue.take(count, room.headers, 0, room.bytes, 0);
    this.#sameAsRun(room, count);
  }

  #takeView(bytes: number): void {
    const most = this.#extent(bytes, true);
    const view = this.queue.takeView(bytes);
    expect(view.count).toBeGreaterThanOrEqual(Math.min(1, most));
    expect(view.count).toBeLessThanOrEqual(most);
    this.#sameAsRun(ownFrames(view), view.count);
  }

  #sameAsRun(run: Frames, count: number): void {
    const expected = runOf(this.#frames.splice(0, count));
    expect(run.count).toBe(count);
    expect(Buffer.from(run.headers.buffer).equals(Buffer.from(expected.headers.buffer))).toBe(true);
  }

  #expire(oldest: number): void {
    const kept = this.#frames.findIndex(({ heldAt }) => heldAt >= oldest);
    const old = this.#frames.splice(0, kept < 0 ? this.#frames.length : kept);
    const dropped: number[] = [];
    this.queue.dropHeldBefore(oldest, ({ bytes }) => dropped.push(bytes.length));
    expect(dropped).toEqual(old.map(({ length }) => length));
  }

  #extent(bytes: number, atLeastOne: boolean): number {
    let count = 0;
    while (count < this.#frames.length && sizeOf(this.#frames.slice(0, count + 1)) <= bytes) count++;
    return count === 0 && atLeastOne ? Math.min(1, this.#frames.length) : count;
  }
}

describe('a queue of frames', () => {
  it('is, after any steps, the same as an array of frames', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        for (const doing of steps) {
          model.apply(doing);
          model.check();
        }
        model.apply({ kind: 'takeRun', maxBytes: Number.POSITIVE_INFINITY });
        model.check();
      }),
      { numRuns: 1000, interruptAfterTimeLimit: paced(4000) },
    );
  });
});
