/**
 * Standard output as the log writes to it: the program never waits for the reader. A pipe or a socket is written
 * through the stream of Node, whose writes wait in the event loop. A file is written by a thread of the pool, because a
 * disk can be slow. So is a terminal or another device, but through a descriptor of its own that does not block.
 * Otherwise a stopped terminal would block that thread, and the process could not end.
 */
import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import type { LogOutlet } from './lines.ts';

const STDOUT = 1;
/** How soon a device that was full is tried again. */
const FULL_DEVICE_MS = 20;

/** @returns the outlet for the kind of file that standard output is */
export function standardOutput(): LogOutlet {
  const stats = fstatSync(STDOUT);
  if (stats.isFIFO() || stats.isSocket()) return new StreamOutlet(process.stdout, STDOUT);
  return new FileOutlet(stats.isCharacterDevice() ? ownOpening(STDOUT) : STDOUT);
}

/**
 * Ignores errors of the standard streams. A library or a thread may write there too, past the log, and its failure must
 * not end the process.
 */
export function forgiveStandardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Opens the same device again, without blocking. @returns `descriptor` itself if the system does not allow that */
function ownOpening(descriptor: number): number {
  try {
    const own = openSync(
      `/proc/self/fd/${descriptor}`,
      constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
    if (fstatSync(own).isCharacterDevice()) return own;
    closeSync(own);
  } catch {
    // This system has no /proc, or the device belongs to another user.
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
    // Node does not tell how much of a failed write was taken. A pipe without a reader takes nothing.
    this.#stream.write(bytes, (error) => done(error, error ? 0 : bytes.length));
  }

  writeLast(text: string): void {
    writeNow(this.#descriptor, text);
  }
}

/** Writes to a file or a device, by a thread of the pool. */
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
