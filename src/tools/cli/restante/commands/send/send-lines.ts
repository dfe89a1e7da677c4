/** The lines of standard input, and a count of them on a terminal when they take long. */
import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SingleBar } from 'cli-progress';

const STDIN = 0;
/** Shorter work needs no bar. */
const PATIENCE_MS = 1_000;
const BAR_MS = 200;

/** The lines, without their ends. `stop` ends them. */
export async function* linesOfInput(stop: AbortSignal): AsyncGenerator<string, void> {
  using progress = new Progress();
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY, signal: stop });
  try {
    for await (const line of lines) {
      progress.add(Buffer.byteLength(line) + 1);
      yield line;
    }
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}

class Progress implements Disposable {
  readonly #totalBytes = sizeOfInput();
  readonly #bar = new SingleBar({
    stream: process.stderr,
    format: this.#totalBytes === 0 ? '{lines} lines read' : '{bar} {percentage}% {lines} lines read',
    gracefulExit: false,
  });
  #showAt = process.stderr.isTTY ? performance.now() + PATIENCE_MS : Number.POSITIVE_INFINITY;
  #lines = 0;
  #bytes = 0;

  add(bytes: number): void {
    this.#lines++;
    this.#bytes += bytes;
    const now = performance.now();
    if (now < this.#showAt) return;
    this.#showAt = now + BAR_MS;
    const lines = this.#lines;
    if (!this.#bar.isActive) this.#bar.start(Math.max(1, this.#totalBytes), 0, { lines });
    this.#bar.update(Math.min(this.#bytes, Math.max(1, this.#totalBytes)), { lines });
  }

  [Symbol.dispose](): void {
    if (this.#bar.isActive) this.#bar.stop();
  }
}

/** @returns 0 if that cannot be known */
function sizeOfInput(): number {
  try {
    const stats = fstatSync(STDIN);
    return stats.isFile() ? stats.size : 0;
  } catch {
    // Standard input may be closed.
    return 0;
  }
}
