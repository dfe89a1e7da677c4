/** The broker that is measured: a real process with a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithUs } from './children.ts';
import { statusBytes } from './process.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

export interface BrokerOptions {
  /** The tree whose broker is started. */
  readonly tree: string;
  /** The broker's own default, if it is not given. */
  readonly shards?: number;
  /** Where its CPU profiles go, one a thread. */
  readonly profile?: string;
}

export class BenchBroker implements AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** From the start of the process to its word that it listens. */
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, ended: Promise<unknown>, port: number, startMs: number) {
    this.#child = child;
    this.#ended = ended;
    this.port = port;
    this.pid = child.pid ?? 0; // a child that listens has one
    this.startMs = startMs;
  }

  /**
   * Starts a broker; resolves when it listens.
   * @param folder for its store
   * @param env further settings
   * @throws if it ends, or does not listen in time
   */
  static async start(
    options: BrokerOptions,
    folder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<BenchBroker> {
    const since = performance.now();
    const child = spawn(process.execPath, nodeArguments(options), {
      cwd: options.tree,
      env: { ...process.env, ...settings(options, folder), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endWithUs(child);
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
    return statusBytes(this.pid, 'VmRSS');
  }

  /** The most that was ever resident. */
  get peakBytes(): number {
    return statusBytes(this.pid, 'VmHWM');
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
}

/** What `npm start` gives to Node, so that what is measured is what users start. */
function startArguments(tree: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const words = scripts.start.split(' ');
  return words.slice(words.indexOf('node') + 1);
}

function nodeArguments({ tree, profile }: BrokerOptions): string[] {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return [...profiling, ...startArguments(tree)];
}

function settings({ shards }: BrokerOptions, folder: string): Record<string, string> {
  // An empty variable counts as one that is not set, whatever the environment of this process has.
  const address = { HOST: '127.0.0.1', PORT: '0', HTTP_PORT: 'off' };
  return { ...address, DATA_DIR: folder, LOG_LEVEL: 'info', SHARDS: String(shards ?? '') };
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
