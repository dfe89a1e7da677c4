/** A broker as an operator runs it: a process of its own, whose output and exit code a test sees. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../folder.ts';
import { paced } from '../pace/pace.ts';
import { inTime, until } from '../until.ts';
import { commandOf } from './build.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const END_LIMIT_MS = 60_000;
const AMPLE_DRAIN_SECONDS = 20;

export class TestProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** The folder for held mail, unless the settings name another. */
  readonly #folder = temporaryFolder();
  readonly #command: string;
  stdout = '';
  stderr = '';

  /** @param openFiles the limit of open files and sockets; the limit of the system without it */
  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>>, openFiles?: number) {
    const command = [...commandOf(script), ...args];
    const limit = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh'];
    const [program = '', ...rest] = [...limit, ...command];
    this.#child = spawn(program, rest, {
      cwd: ROOT,
      env: {
        ...process.env,
        HTTP_PORT: 'off',
        DATA_DIR: this.#folder.path,
        DRAIN_SECONDS: ampleDrainSeconds(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
    });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.#ended = once(this.#child, 'close');
    this.#command = [script, ...args].join(' ');
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#command} was not started`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the process to end by itself. @returns its exit code */
  async exitCode(): Promise<number | null> {
    await inTime(this.#ended, () => `the end of ${this.#command}, which said: ${this.#output}`, END_LIMIT_MS);
    return this.#child.exitCode;
  }

  /** Waits until `text` is in its standard output, or in the stream that `where` names. */
  async said(text: string, where: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    await until(
      () => this[where].includes(text) || !this.running,
      () => `${text} in ${this.#output}`,
    );
    // The last output may arrive after the end of the process.
    if (!this.running) await this.exitCode();
    if (!this[where].includes(text)) throw new Error(`it ended without ${text}: ${this.#output}`);
  }

  get #output(): string {
    return this.stdout + this.stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.signal('SIGKILL');
    await this.#ended;
    this.#folder[Symbol.dispose]();
  }
}

/** DRAIN_SECONDS for tests that are not about it: long enough on a busy machine. */
export function ampleDrainSeconds(): string {
  return String(paced(AMPLE_DRAIN_SECONDS));
}

/** Starts a broker process on a free port. Resolves when it listens. */
export async function startBrokerProcess(
  env: Readonly<Record<string, string>> = {},
): Promise<{ broker: TestProcess; port: number }> {
  const broker = new TestProcess('src/main.ts', [], { PORT: '0', SHARDS: '2', LOG_LEVEL: 'info', ...env });
  await broker.said('try it: nc');
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(broker.stdout)?.[1];
  if (port === undefined) throw new Error(`no port in ${broker.stdout}`);
  return { broker, port: Number(port) };
}
