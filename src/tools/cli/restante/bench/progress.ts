/** The progress of a bench on a terminal. Elsewhere it says nothing until its end. */
import { SingleBar } from 'cli-progress';
import type { BenchRun } from './run.ts';

const BAR_MS = 200;

/** Shows progress on standard error until it is disposed. */
export function showProgress(run: BenchRun, seconds: number): Disposable {
  if (!process.stderr.isTTY) return { [Symbol.dispose]: () => undefined };
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {value}/{total} s | {rate} worked off a second',
    hideCursor: true,
    // The handlers of the bar would end the process at a signal, which we handle.
    gracefulExit: false,
  });
  const total = Math.ceil(seconds);
  bar.start(total, 0, { rate: 0 });
  const timer = setInterval(() => {
    if (run.tally === undefined) return;
    const passed = (performance.now() - run.beganAt) / 1_000;
    const rate = Math.round(run.tally.workedOffSoFar / passed).toLocaleString('en-US');
    bar.update(Math.min(total, Math.floor(passed)), { rate });
  }, BAR_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      bar.stop();
    },
  };
}
