/** The broker that is measured: a real process with a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './options.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const KIB = 1024;

/** A folder for a store, which is removed with all it holds when it is disposed of. */
export function storeFolder({ dataDir }: BenchOptions): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(dataDir, 'restante-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export class BenchBroker implements AsyncDisposable {
  readonly port: number;
  /** From the start of the process to its word that it listens. */
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, ended: Promise<unknown>, port: number, startMs: number) {
    this.#child = child;
    this.#ended = ended;
    this.port = port;
    this.startMs = startMs;
  }

  /**
   * Starts a broker without limits on what is held; resolves when it listens.
   * @throws if it ends, or does not listen in time
   */
  static async start(
    options: BenchOptions,
    folder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<BenchBroker> {
    const since = performance.now();
    const child = spawn(process.execPath, nodeArguments(options), {
      cwd: options.tree,
      env: { ...process.env, ...settings(options, folder), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    try {
      const port = await listening(child);
      return new BenchBroker(child, ended, port, performance.now() - since);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
  }

  /** Its resident memory. */
  get residentBytes(): number {
    return this.#status('VmRSS');
  }

  /** The most that was ever resident. */
  get peakBytes(): number {
    return this.#status('VmHWM');
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Stops it as an operator does, and kills it if that takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #status(field: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'latin1');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * KIB;
  }
}

/**
 * Waits until the broker's memory has settled: no new low, by more than 1 %, for `quietMs`. V8 collects an idle heap by
 * itself after some 8 s, so less than 10 s would say little. Nothing is forced.
 * @returns the lowest that was seen
 */
export async function settledBytes(broker: BenchBroker, quietMs: number): Promise<number> {
  const limit = performance.now() + 4 * quietMs;
  let low = broker.residentBytes;
  let quietSince = performance.now();
  while (performance.now() - quietSince < quietMs && performance.now() < limit) {
    await sleep(250);
    const now = broker.residentBytes;
    if (now < low * 0.99) quietSince = performance.now();
    low = Math.min(low, now);
  }
  return low;
}

function nodeArguments({ profile }: BenchOptions): string[] {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return [...profiling, '--import', 'tsx', 'src/main.ts'];
}

function settings({ shards }: BenchOptions, folder: string): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    SHARDS: String(shards),
    MAILBOX_MAX_MESSAGES: 'unlimited',
    MAILBOX_MAX_BYTES: 'unlimited',
    HELD_MAX_BYTES: 'unlimited',
    LOG_LEVEL: 'info',
    DRAIN_SECONDS: '30',
  };
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the broker does not listen')), START_LIMIT_MS);
    let said = '';
    child.stdout?.on('data', (data: Buffer) => {
      if (said.length > 100_000) return; // it is read to its end, so that the broker never waits for us
      said += data.toString();
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`the broker ended: ${said}`));
    });
  });
}
