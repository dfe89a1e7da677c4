/** A command as a supervisor starts it. The test chooses its standard output, and knows the process by its number. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../folder.ts';
import { until } from '../until.ts';
import { commandOf } from './build.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The broker as the image runs it. */
export const BROKER = commandOf('src/main.ts');
const SIGHUP_BIT = 1n;
const SIGTERM_BIT = 1n << 14n;

export interface ProgramOptions {
  /** Its environment. A variable that is undefined is removed. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The folder that it runs in; the root of the project without it. */
  readonly cwd?: string;
  /** Its standard input: nothing, or what the test types. */
  readonly stdin?: 'nothing' | 'typed';
  /** Its standard output: a pipe that is read, a pipe that nobody reads, or a descriptor. */
  readonly stdout?: 'read' | 'unread' | number;
}

export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #folder = temporaryFolder();
  stdout = '';
  stderr = '';

  constructor(
    command: readonly string[],
    { env = {}, cwd = ROOT, stdin = 'nothing', stdout = 'read' }: ProgramOptions = {},
  ) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      cwd,
      env: { ...process.env, PORT: '0', HTTP_PORT: 'off', SHARDS: '1', DATA_DIR: this.#folder.path, ...env },
      stdio: [stdin === 'typed' ? 'pipe' : 'ignore', typeof stdout === 'number' ? stdout : 'pipe', 'pipe'],
      // A process group of its own, so that the test can end it together with its children.
      detached: true,
    });
    if (stdout === 'read') {
      this.#child.stdout?.on('data', (data: Buffer) => {
        this.stdout += data.toString();
      });
    }
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.#child.stdin?.on('error', () => undefined); // the process may end before it has read its input
    this.#ended = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts to read an output that was unread. */
  read(): void {
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
    });
  }

  /** Closes the reading end of its standard output. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** Types text. Without text it closes the input, as a terminal does at Ctrl-D. */
  type(text?: string): void {
    if (text === undefined) this.#child.stdin?.end();
    else this.#child.stdin?.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end. @returns its exit code, or the signal that ended it */
  async ended(): Promise<number | string | null> {
    await this.#ended;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  async said(text: string, where: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    await until(() => this[where].includes(text) || !this.running, `${text} in ${this.stdout}${this.stderr}`);
    if (!this[where].includes(text)) throw new Error(`it ended without ${text}: ${this.stdout}${this.stderr}`);
  }

  /** Waits until a broker listens. @returns its port */
  async port(): Promise<number> {
    await this.said('try it: nc');
    return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(this.stdout)?.[1]);
  }

  /** Waits until the program handles signals. SIGHUP shows that, because Node alone does not handle it. */
  async hears(pid = this.pid): Promise<void> {
    await until(() => (caughtSignals(pid) & SIGHUP_BIT) !== 0n || !this.running, 'it to hear signals');
  }

  /** Waits until Node has its own signal handlers. That is before any code of the program runs. */
  async nodeHears(pid = this.pid): Promise<void> {
    await until(() => (caughtSignals(pid) & SIGTERM_BIT) !== 0n || !this.running, 'Node to hear signals');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // The process group has ended already.
    }
    await this.#ended;
    this.#folder[Symbol.dispose]();
  }
}

/** The signals that a process handles, as a bit mask. */
function caughtSignals(pid: number): bigint {
  try {
    const mask = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return BigInt(`0x${mask ?? '0'}`);
  } catch {
    return 0n; // it has ended
  }
}
