/** A broker as an operator runs it: a process of its own, with its output and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folder.ts';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export class TestProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** Where it keeps held mail, unless it was told another folder. */
  readonly #folder = temporaryFolder();
  stdout = '';
  stderr = '';

  /** @param openFiles how many files and sockets it may have open; what the system gives without it */
  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>>, openFiles?: number) {
    const command = [process.execPath, '--import', 'tsx', script, ...args];
    const limit = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh'];
    const [program = '', ...rest] = [...limit, ...command];
    this.#child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, DATA_DIR: this.#folder.path, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
    });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.#ended = once(this.#child, 'close');
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, once it has ended by itself. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Waits until its standard output, or what else is named, has `text`. */
  async said(text: string, where: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    await until(() => this[where].includes(text) || !this.running, `${text} in ${this.stdout}${this.stderr}`);
    if (!this[where].includes(text)) throw new Error(`it ended without ${text}: ${this.stdout}${this.stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.signal('SIGKILL');
    await this.#ended;
    this.#folder[Symbol.dispose]();
  }
}

/** Starts a broker process on any free port; resolves when it listens. */
export async function startBrokerProcess(
  env: Readonly<Record<string, string>> = {},
): Promise<{ broker: TestProcess; port: number }> {
  const broker = new TestProcess('src/main.ts', [], { PORT: '0', SHARDS: '2', LOG_LEVEL: 'info', ...env });
  await broker.said('try it: nc');
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(broker.stdout)?.[1];
  if (port === undefined) throw new Error(`no port in ${broker.stdout}`);
  return { broker, port: Number(port) };
}
