/** The log's lines on their way out, over an outlet that takes them when the test says. */
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogLines, type LogOutlet, MAX_WAITING_CHARACTERS } from '../../../src/shared/common/log/lines.ts';
import { FileOutlet } from '../../../src/shared/common/log/outlet.ts';
import { until } from '../../helpers/until.ts';

class TestOutlet implements LogOutlet {
  written = '';
  last = '';
  #bytes: Buffer | undefined;
  #done: ((error: unknown, taken: number) => void) | undefined;

  get busy(): boolean {
    return this.#done !== undefined;
  }

  write(bytes: Buffer, done: (error: unknown, taken: number) => void): void {
    expect(this.busy).toBe(false);
    this.#bytes = bytes;
    this.#done = done;
  }

  writeLast(text: string): void {
    this.last += text;
  }

  /** Takes the write under way, or the first bytes of it and then fails. */
  take(bytes = this.#bytes?.length ?? 0, error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    this.written += this.#bytes?.subarray(0, bytes).toString() ?? '';
    done?.(error, bytes);
  }

  takeAll(): void {
    while (this.busy) this.take();
  }

  fail(takenBytes = 0): void {
    this.take(takenBytes, new Error('no space'));
  }
}

const outlet = () => {
  const out = new TestOutlet();
  return { out, lines: new LogLines(out, (count) => `${count} dropped\n`) };
};
const LONG = `${'x'.repeat(1023)}\n`;
const FULL = MAX_WAITING_CHARACTERS / LONG.length;
const RETRY_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('lines of the log', () => {
  it('go out in their order, in one write at a time', () => {
    const { out, lines } = outlet();
    for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line);
    out.takeAll();
    lines.write('d\n');
    out.takeAll();
    expect(out.written).toBe('a\nb\nc\nd\n');
  });

  it('are held up to a bound while nobody reads; what is more is counted, and said where it is missing', () => {
    const { out, lines } = outlet();
    lines.write('first\n');
    for (let i = 0; i < FULL; i++) lines.write(LONG);
    for (let i = 0; i < 3; i++) lines.write('lost\n');
    out.take();
    lines.write('lost, though there is room\n');
    out.takeAll();
    lines.write('after\n');
    out.takeAll();
    expect(out.written).toBe(`first\n${LONG.repeat(FULL)}4 dropped\nafter\n`);
  });

  it('that are dropped while that is being said are said next', () => {
    const { out, lines } = outlet();
    for (let i = 0; i < FULL + 3; i++) lines.write(LONG);
    while (!out.written.endsWith(LONG.repeat(FULL))) out.take();
    for (let i = 0; i < FULL + 2; i++) lines.write(LONG); // the word about the two before is under way
    out.takeAll();
    expect(out.written.replaceAll(LONG, '')).toBe('2 dropped\n2 dropped\n');
    expect(out.written.match(/x\n/g)).toHaveLength(2 * FULL + 1);
  });

  it('that cannot be written are dropped, and that is tried to be said again and again', () => {
    const { out, lines } = outlet();
    for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line);
    out.fail();
    lines.write('d\n');
    expect(out.busy).toBe(false);
    vi.advanceTimersByTime(RETRY_MS - 1);
    expect(out.busy).toBe(false);
    vi.advanceTimersByTime(1);
    out.fail();
    lines.write('e\n');
    vi.advanceTimersByTime(RETRY_MS);
    lines.write('f\n'); // behind the word that is under way
    out.takeAll();
    expect(out.written).toBe('5 dropped\nf\n');
  });

  it('are not torn: after a write that was cut off, the next begins a line; only what is missing is counted', () => {
    const { out, lines } = outlet();
    lines.write('one\n');
    lines.write('two\n');
    lines.write('three\n');
    out.take();
    out.fail('two\nth'.length);
    vi.advanceTimersByTime(RETRY_MS);
    out.takeAll();
    expect(out.written).toBe('one\ntwo\nth\n1 dropped\n');
  });

  it('that wait when the process ends are written as far as that does not wait', () => {
    const { out, lines } = outlet();
    for (const line of ['a\n', 'b\n', 'c\n']) lines.write(line);
    lines.end();
    expect(out.last).toBe('b\nc\n');
    const { out: failed, lines: lost } = outlet();
    lost.write('a\n');
    failed.fail();
    lost.end();
    expect(failed.last).toBe('1 dropped\n');
  });
});

describe('a device that is full', () => {
  it('is an error of the write, and nothing else', async () => {
    vi.useRealTimers();
    const full = openSync('/dev/full', 'w');
    const failed: unknown[] = [];
    new FileOutlet(full).write(Buffer.from('line\n'), (error, taken) => failed.push(error, taken));
    await until(() => failed.length > 0, 'the write to fail');
    expect(failed).toEqual([expect.objectContaining({ code: 'ENOSPC' }), 0]);
    closeSync(full);
  });
});
