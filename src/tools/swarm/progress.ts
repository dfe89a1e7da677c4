/** The progress of a run on stderr: a bar on a terminal, otherwise a line now and then. */
import { Presets, SingleBar } from 'cli-progress';
import type { SwarmOptions } from './options.ts';
import type { RunProgress } from './run.ts';

const BAR_MS = 200;
const LINE_MS = 5_000;

/** Shows progress until it is disposed. @param read is called for the progress, again and again */
export function showProgress(options: SwarmOptions, read: () => RunProgress): Disposable {
  return process.stderr.isTTY ? bar(options, read) : lines(options, read);
}

function bar(options: SwarmOptions, read: () => RunProgress): Disposable {
  const single = new SingleBar(
    {
      stream: process.stderr,
      format: '{stage} {bar} {value}/{total} s | {live} live | {arrived} of {sent} delivered',
      hideCursor: true,
      // The handlers of the bar would end the process at a signal, which we handle.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const payload = ({ stage, live, arrived, sent }: RunProgress) => ({ stage: stage.padEnd(9), live, arrived, sent });
  const value = ({ sendingMs }: RunProgress) => Math.min(options.seconds, Math.floor(sendingMs / 1000));
  single.start(options.seconds, 0, payload(read()));
  const show = () => {
    const progress = read();
    single.update(value(progress), payload(progress));
  };
  const timer = setInterval(show, BAR_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      show();
      single.stop();
    },
  };
}

function lines(options: SwarmOptions, read: () => RunProgress): Disposable {
  const timer = setInterval(() => {
    const { stage, sendingMs, live, arrived, sent } = read();
    const seconds = Math.floor(sendingMs / 1000);
    console.error(
      `swarm: ${stage}, ${seconds} of ${options.seconds} s, ${live} of ${options.clients} live, ` +
        `${arrived} of ${sent} delivered`,
    );
  }, LINE_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
