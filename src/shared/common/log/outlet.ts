/**
 * The standard output as the log writes it: never so that the program waits for who reads it.
 *
 * A pipe or a socket is written through Node's own stream, which has it wait in the kernel's turn. A file is written
 * by a thread of the pool, because a disk can be slow. So is a terminal, or another device, but through an opening of
 * its own that never blocks: a thread that waits for a terminal that was stopped would keep the process from its end.
 */
import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { LogOutlet } from './lines.ts';

const STDOUT = 1;
/** How soon a device that could take no more is asked again. */
const FULL_DEVICE_MS = 20;

/** The outlet that suits what the standard output is. */
export function standardOutput(): LogOutlet {
  const stats = fstatSync(STDOUT);
  if (stats.isFIFO() || stats.isSocket()) return new StreamOutlet(process.stdout, STDOUT);
  return new FileOutlet(stats.isCharacterDevice() ? ownOpening(STDOUT) : STDOUT);
}

/**
 * Makes errors of the standard streams nobody's end: a line that a library or a thread writes there, past the log,
 * may fail as one of the log may.
 */
export function forgiveStandardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Another opening of the same device, which does not block; where the system gives none, the one there is. */
function ownOpening(descriptor: number): number {
  try {
    const own = openSync(
      `/proc/self/fd/${descriptor}`,
      constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
    if (fstatSync(own).isCharacterDevice()) return own;
    closeSync(own);
  } catch {
    // No such system, or the device is another user's.
  }
  return descriptor;
}

class StreamOutlet implements LogOutlet {
  readonly #stream: NodeJS.WritableStream;
  readonly #descriptor: number;

  constructor(stream: NodeJS.WritableStream, descriptor: number) {
    this.#stream = stream;
    this.#descriptor = descriptor;
  }

  write(bytes: Buffer, done: (error: unknown, taken: number) => void): void {
    // Node does not say how much of a write that failed was taken. A pipe without a reader takes nothing.
    this.#stream.write(bytes, (error) => done(error, error ? 0 : bytes.length));
  }

  writeLast(text: string): void {
    writeNow(this.#descriptor, text);
  }
}

export class FileOutlet implements LogOutlet {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Buffer, done: (error: unknown, taken: number) => void): void {
    this.#writeFrom(bytes, 0, done);
  }

  writeLast(text: string): void {
    writeNow(this.#descriptor, text);
  }

  #writeFrom(bytes: Buffer, start: number, done: (error: unknown, taken: number) => void): void {
    write(this.#descriptor, bytes, start, (error, written) => {
      const taken = start + written;
      if (error?.code === 'EAGAIN') setTimeout(() => this.#writeFrom(bytes, start, done), FULL_DEVICE_MS).unref();
      else if (error !== null || taken === bytes.length) done(error, taken);
      else this.#writeFrom(bytes, taken, done);
    });
  }
}

function writeNow(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // There is nobody left to be told.
  }
}
