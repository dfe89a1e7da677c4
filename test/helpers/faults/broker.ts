/**
 * A broker process for fault tests, on a folder that outlives it. The test can kill it, stop it and watch its memory.
 */
import { readFileSync } from 'node:fs';
import { TestProcess } from '../programs/process.ts';

export { fastOrLong } from '../pace/long.ts';

const MAIN = 'src/main.ts';
const KIB_IN_MIB = 1024;

/** The settings of Node and the C library for memory, as `npm start` and the image have them. */
export const AS_STARTED = { MALLOC_MMAP_THRESHOLD_: '32768', NODE_OPTIONS: '--max-semi-space-size=2' };

export class FaultBroker implements AsyncDisposable {
  readonly process: TestProcess;
  readonly port: number;

  private constructor(process: TestProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  /** Starts a broker whose store is `folder`. Resolves when it listens. The folder stays when the broker ends. */
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
      return new FaultBroker(broker, Number(port));
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Kills the process with SIGKILL. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.exitCode();
  }

  /** Stops the process with SIGTERM. @returns its exit code, and how long the stop took */
  async terminate(): Promise<{ readonly code: number | null; readonly seconds: number }> {
    const before = performance.now();
    this.process.signal('SIGTERM');
    const code = await this.process.exitCode();
    return { code, seconds: (performance.now() - before) / 1000 };
  }

  /** Its resident memory. */
  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kib === undefined) throw new Error('no resident memory in its status');
    return Number(kib) / KIB_IN_MIB;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}
