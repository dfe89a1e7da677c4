import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paced } from '../helpers/pace/pace.ts';
import { lineOf } from '../helpers/unit/frames.ts';
import { type Mood, WriterBench } from '../helpers/unit/writer.ts';

type Step =
  | { readonly kind: 'deliver'; readonly sizes: number[]; readonly mood: Mood }
  | { readonly kind: 'notice' | 'complete' | 'fail' | 'tick' | 'stop' | 'destroy' | 'close' }
  | { readonly kind: 'progress'; readonly share: number };

const size = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 12, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 80_000 }) },
);
const mood = fc.constantFrom<Mood[]>('takes', 'blocks', 'blocks', 'blocks', 'takes', 'fails');
const goodMood = fc.constantFrom<Mood[]>('takes', 'blocks', 'blocks');
const deliver = (how: fc.Arbitrary<Mood>): fc.Arbitrary<Step> =>
  fc.record({
    kind: fc.constant('deliver' as const),
    sizes: fc.array(size, { minLength: 1, maxLength: 4 }),
    mood: how,
  });
const plain = (...kinds: Exclude<Step['kind'], 'deliver' | 'progress'>[]): fc.Arbitrary<Step> =>
  fc.constantFrom(...kinds).map((kind) => ({ kind }));
const progress: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('progress' as const),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** A socket that only ever closes, and never fails, and one that does whatever sockets do. */
const calm = fc.oneof(
  { weight: 4, arbitrary: deliver(goodMood) },
  { weight: 5, arbitrary: plain('complete', 'complete', 'notice', 'tick') },
  { weight: 1, arbitrary: plain('stop', 'close') },
  { weight: 1, arbitrary: progress },
);
const wild = fc.oneof(
  { weight: 4, arbitrary: deliver(mood) },
  { weight: 5, arbitrary: plain('complete', 'complete', 'complete', 'notice', 'tick', 'tick', 'fail') },
  { weight: 1, arbitrary: plain('stop', 'destroy', 'close') },
  { weight: 1, arbitrary: progress },
);

/** Runs the steps, ends the writer one way or the other, and asks whether its sum is right. */
function run(steps: readonly Step[], reportAfterBytes: number, stopFirst: boolean, end: 'close' | 'destroy'): void {
  const bench = new WriterBench(reportAfterBytes);
  let serial = 0;
  for (const step of steps) apply(bench, step, () => `${serial++}:`);
  if (stopFirst) bench.stop();
  apply(bench, { kind: end }, String);
  bench.writer.closed();
  checkSum(bench);
}

function apply(bench: WriterBench, step: Step, mark: () => string): void {
  const { socket, writer } = bench;
  switch (step.kind) {
    case 'deliver':
      socket.mood = step.mood;
      bench.deliver(...step.sizes.map((bytes) => mark().padEnd(bytes - 1, '.')));
      return;
    case 'notice':
      writer.notice(Buffer.from(`* ${lineOf(9)}\n`));
      return;
    case 'progress':
      socket.taken = Math.floor(step.share * (socket.taken + socket.backlog));
      writer.noteProgress();
      return;
    case 'stop':
      bench.stop();
      return;
    case 'close':
      socket.destroyed = true;
      writer.closed();
      return;
    default:
      socket[step.kind]();
      return;
  }
}

/** handed = written + returned, each frame once and in order; and what is said to be written did reach the socket. */
function checkSum({ handed, returns, reports, socket, returnedLines, writer }: WriterBench): void {
  const { writtenFrames, writtenBytes, handedFrames } = writer.progress;
  expect(handedFrames).toBe(handed.length);
  expect(returnedLines).toEqual(handed.slice(writtenFrames));
  const written = handed.slice(0, writtenFrames).map((line) => `${line}\n`);
  expect(writtenBytes).toBe(written.join('').length);
  const tried = socket.writes.join('').replace(/^\* .*\n/gm, '');
  expect(tried.startsWith(written.join(''))).toBe(true);
  expect(returns.map(({ last }) => last)).toEqual(returns.map((_, index) => index === 0));
  expect(reports.every(([frames], index) => frames > (reports[index - 1]?.[0] ?? 0))).toBe(true);
  expect(socket.overlapping).toBe(0);
}

const budget = { numRuns: 1500, interruptAfterTimeLimit: paced(3000) };
const threshold = fc.constantFrom(0, 50, 100_000);

describe('whatever a writer is handed', () => {
  it('is written or returned, exactly once and in order, on a socket that takes, waits and closes', () => {
    fc.assert(
      fc.property(fc.array(calm, { maxLength: 30 }), threshold, fc.boolean(), fc.constant('close'), run),
      budget,
    );
  });

  it('is written or returned, exactly once and in order, on a socket that also fails or is destroyed', () => {
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 30 }), threshold, fc.boolean(), fc.constant('destroy'), run),
      budget,
    );
  });
});
