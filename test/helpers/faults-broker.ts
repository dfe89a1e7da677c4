/** A broker process on a folder that outlives it, for faults: killed, ended, watched from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { TestProcess } from './process.ts';

const MAIN = 'src/main.ts';
const KIB_IN_MIB = 1024;

/** Whether the long versions of the fault tests are asked for. */
export const LONG = process.env.RESTANTE_LONG === '1';

/** The fast figure, or the long one where the long versions are asked for. */
export function fastOrLong<T>(fast: T, long: T): T {
  return LONG ? long : fast;
}

export class FaultBroker implements AsyncDisposable {
  readonly process: TestProcess;
  readonly port: number;
  readonly #folder: string;

  private constructor(process: TestProcess, port: number, folder: string) {
    this.process = process;
    this.port = port;
    this.#folder = folder;
  }

  /** Starts a broker whose store is `folder`, which stays when it ends; resolves when it listens. */
  static async start(
    folder: string,
    env: Readonly<Record<string, string>> = {},
    script = MAIN,
    openFiles?: number,
  ): Promise<FaultBroker> {
    const settings = { PORT: '0', SHARDS: '2', LOG_LEVEL: 'info', DATA_DIR: folder, ...env };
    const broker = new TestProcess(script, [], settings, openFiles);
    try {
      await broker.said('try it: nc');
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(broker.stdout)?.[1];
      if (port === undefined) throw new Error(`no port in ${broker.stdout}`);
      return new FaultBroker(broker, Number(port), folder);
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.exitCode();
  }

  /** SIGTERM. @returns the exit code, and how long it took */
  async terminate(): Promise<{ readonly code: number | null; readonly seconds: number }> {
    const before = performance.now();
    this.process.signal('SIGTERM');
    const code = await this.process.exitCode();
    return { code, seconds: (performance.now() - before) / 1000 };
  }

  /** Its resident memory. */
  get residentMiB(): number {
    const status = readFileSync(`/proc/${pidWith(this.#folder)}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kib === undefined) throw new Error('no resident memory in its status');
    return Number(kib) / KIB_IN_MIB;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** The process that was given this folder: a child does not say its number through the helper that starts it. */
function pidWith(folder: string): string {
  const variable = `DATA_DIR=${folder}`;
  const pid = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      return false; // it has ended, or is none of ours
    }
  });
  if (pid === undefined) throw new Error(`no process has ${variable}`);
  return pid;
}
