/**
 * A run of the swarm, as the main thread sees it: it starts the threads, tells them the stages, and merges their
 * results.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { poolOptions } from '../../shared/common/worker-pool.ts';
import { programsOf, type SwarmOptions } from './options.ts';
import { type Report, report } from './report.ts';
import { type Outcome, type Progress, type Stage, SwarmError, type SwarmTables, type SwarmTask } from './task.ts';

const NS_A_MS = 1e6;
const WATCH_MS = 50;
/** How long the run waits for messages that have not arrived, after the last one that has. */
const STALLED_MS = 15_000;
/** The run waits this much longer, because a message that arrives twice arrives late. */
const LINGER_MS = 300;
const NO_PROGRESS: Progress = { sent: 0, arrived: 0, missing: 0, doubtful: 0, live: 0, complete: undefined };

/** The progress of a run, over all threads. */
export interface RunProgress {
  readonly stage: Stage;
  readonly sendingMs: number;
  readonly sent: number;
  readonly arrived: number;
  readonly live: number;
}

interface Thread {
  readonly port: MessagePort;
  readonly outcome: Promise<Outcome>;
  progress: Progress;
}

/** One run of the swarm. */
export class SwarmRun {
  readonly #options: SwarmOptions;
  readonly #stop: AbortSignal;
  readonly #run = randomBytes(4).toString('hex');
  readonly #zeroNs = process.hrtime.bigint();
  readonly #tables: SwarmTables;
  readonly #pool: Piscina<SwarmTask, Outcome>;
  readonly #threads: readonly Thread[];
  /** Aborted with a SwarmError when a thread has failed. */
  readonly #failed = new AbortController();
  #stage: Stage = 'gathering';
  #sendingSinceNs = 0;
  #sendingMs = 0;

  /** @param stop ends the sending early; there is a report all the same */
  constructor(options: SwarmOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
    const { clients, threads } = options;
    this.#tables = {
      sent: new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT * clients ** 2),
      highest: new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT * clients ** 2),
      inFlight: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * clients),
    };
    this.#pool = new Piscina(poolOptions('swarm/thread', threads));
    this.#threads = Array.from({ length: threads }, (_, thread) => this.#begin(thread));
  }

  get progress(): RunProgress {
    return {
      stage: this.#stage,
      sendingMs: this.#stage === 'sending' ? this.#sinceSendingMs() : this.#sendingMs,
      sent: this.#sum('sent'),
      arrived: this.#sum('arrived'),
      live: this.#sum('live'),
    };
  }

  /**
   * Runs all stages: gathering, sending, settling, leaving.
   * @throws SwarmError if the run could not be completed
   */
  async run(): Promise<Report> {
    try {
      await this.#until(() => this.#stop.aborted || this.#complete('gathering'));
      if (!this.#stop.aborted) await this.#send();
      this.#enter('settling');
      // If it was stopped before all clients were live, nothing was sent, and nothing has to arrive.
      if (this.#sendingMs > 0) await this.#settle();
      this.#enter('leaving');
      const outcomes = await Promise.all(this.#threads.map((thread) => thread.outcome));
      this.#failed.signal.throwIfAborted();
      await this.#pool.close();
      return report({
        options: this.#options,
        run: this.#run,
        outcomes: outcomes.filter((outcome) => outcome.kind === 'done'),
        tables: this.#tables,
        sendingMs: this.#sendingMs,
        sendingSinceNs: this.#sendingSinceNs,
      });
    } finally {
      for (const { port } of this.#threads) port.close();
      // A failure leaves threads behind.
      if (this.#failed.signal.aborted) await this.#pool.destroy();
    }
  }

  #begin(thread: number): Thread {
    const options = this.#options;
    const { port1, port2 } = new MessageChannel();
    const task: SwarmTask = {
      port: port2,
      thread,
      threads: options.threads,
      clients: options.clients,
      programs: programsOf(options),
      run: this.#run,
      host: options.host,
      brokerPort: options.port,
      token: options.token,
      ratePerSecond: options.rate,
      churnPerSecond: options.churn,
      seed: options.seed,
      zeroNs: this.#zeroNs,
      tables: this.#tables,
    };
    const outcome = this.#pool.run(task, { transferList: [port2] });
    outcome.then(
      (ended) => {
        if (ended.kind === 'failed') this.#failed.abort(new SwarmError(ended.reason));
      },
      (error: unknown) => this.#failed.abort(error),
    );
    const begun: Thread = { port: port1, outcome, progress: NO_PROGRESS };
    port1.on('message', (progress: Progress) => {
      begun.progress = progress;
    });
    return begun;
  }

  async #send(): Promise<void> {
    this.#sendingSinceNs = this.#nowNs();
    this.#enter('sending');
    const ended = AbortSignal.any([this.#stop, this.#failed.signal]);
    await sleep(this.#options.seconds * 1000, undefined, { signal: ended }).catch(() => undefined);
    this.#failed.signal.throwIfAborted();
    this.#sendingMs = this.#sinceSendingMs();
  }

  /** Waits until all clients are back and all messages have arrived, or until there is no progress any more. */
  async #settle(): Promise<void> {
    let before = -1;
    let movedAt = performance.now();
    await this.#until(() => {
      const { live, arrived, sent } = this.progress;
      // A message in doubt may be missing. It is overtaken by one that is not in doubt, so it is known when it is.
      const mayBeMissing = Math.min(this.#sum('missing'), this.#sum('doubtful'));
      if (this.#complete('settling') && arrived + mayBeMissing >= sent) return true;
      if (live + arrived !== before) {
        before = live + arrived;
        movedAt = performance.now();
      }
      return performance.now() - movedAt > STALLED_MS;
    });
    await sleep(LINGER_MS);
  }

  #nowNs(): number {
    return Number(process.hrtime.bigint() - this.#zeroNs);
  }

  #sinceSendingMs(): number {
    return (this.#nowNs() - this.#sendingSinceNs) / NS_A_MS;
  }

  #enter(stage: Exclude<Stage, 'gathering'>): void {
    this.#stage = stage;
    for (const { port } of this.#threads) port.postMessage({ stage });
  }

  #complete(stage: Progress['complete']): boolean {
    return this.#threads.every((thread) => thread.progress.complete === stage);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      this.#failed.signal.throwIfAborted();
      await sleep(WATCH_MS);
    }
  }

  #sum(field: Exclude<keyof Progress, 'complete'>): number {
    return this.#threads.reduce((sum, thread) => sum + thread.progress[field], 0);
  }
}
