/**
 * Clients of the library that send and work off, and a comparison of the two. A message that was accepted must be
 * worked off once, and one that was refused never. Of one whose outcome is not known both may be true.
 */
import {
  type Client,
  ConnectionError,
  connect,
  type Message,
  RefusedError,
  TimeoutError,
  type TlsOptions,
} from '../../../src/tools/library/index.ts';
import type { Choices } from '../../helpers/faults/random.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { inTime, until } from '../../helpers/until.ts';

type Outcome = 'accepted' | 'refused' | 'unknown';

const CLIENT = {
  reconnect: { firstPauseMs: 1, maxPauseMs: 20 },
  timeouts: { connectMs: paced(120_000), sendMs: Number.POSITIVE_INFINITY },
};
/** Messages that a sender has on their way. */
const IN_FLIGHT = 100;
/** A window that several redeliveries fit between two cuts. */
const WINDOW = 64;
/** How long a stretch of the work may take. */
const STALLED_MS = 120_000;
/** A message that is given up after this time has an outcome that its sender does not know. */
const IMPATIENT_MS = 2;
const IMPATIENT_EVERY = 50;

/** How a client comes to the broker, and a worker to its messages. */
interface Work {
  readonly url: string;
  readonly tls?: TlsOptions;
  readonly choices: Choices;
  /** It begins when this is true. */
  readonly begins?: () => boolean;
}

/** One that works messages off, and remembers the highest `seq`, over lives of its own and of the broker. */
export class Worker implements AsyncDisposable {
  readonly #name: string;
  readonly #work: Work;
  #client: Client;
  #last = 0;
  #over = false;
  readonly #done: Promise<void>;
  /** The ids of what it has worked off, in order. */
  readonly worked: string[] = [];
  /** How many messages came again to a new life of the worker, and how many such lives there were. */
  dropped = 0;
  lives = 1;

  private constructor(name: string, work: Work, client: Client) {
    this.#name = name;
    this.#work = work;
    this.#client = client;
    this.#done = this.#run();
  }

  static async start(name: string, work: Work): Promise<Worker> {
    return new Worker(name, work, await dialled(name, work));
  }

  async #run(): Promise<void> {
    const { begins } = this.#work;
    if (begins !== undefined) await until(begins, `the begin of ${this.#name}`, STALLED_MS);
    for (;;) {
      for await (const message of this.#client.messages()) if (!this.#take(message)) break;
      if (this.#over) return;
      await this.#client.close();
      this.lives++;
      this.#client = await dialled(this.#name, this.#work);
    }
  }

  /** @returns false if the worker crashes before it can acknowledge */
  #take(message: Message): boolean {
    if (message.seq > this.#last) {
      this.#last = message.seq;
      this.worked.push(String(message.id));
      if (!this.#over && this.#work.choices.chance(0.003)) return false;
    } else this.dropped++;
    message.ack();
    return true;
  }

  /** Ends it in order, and throws what it has run into. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#client.drain({ timeout: paced(30_000) });
    await inTime(this.#done, `the end of ${this.#name}`);
  }
}

/** One that sends numbered durable messages to a worker. */
export class Sender {
  readonly #client: Client;
  readonly #to: string;
  readonly #choices: Choices;
  readonly #flying = new Set<Promise<void>>();
  readonly #name: string;
  /** By id, in the order of sending. */
  readonly #outcomes = new Map<string, Outcome | undefined>();
  readonly counts = { accepted: 0, refused: 0, unknown: 0 };

  private constructor(client: Client, name: string, to: string, choices: Choices) {
    this.#client = client;
    this.#name = name;
    this.#to = to;
    this.#choices = choices;
  }

  static async start(work: Work, name: string, to: string): Promise<Sender> {
    return new Sender(await dialled(name, work), name, to, work.choices);
  }

  get sent(): number {
    return this.#outcomes.size;
  }

  /** Sends until it is told to stop. It waits while `full`. */
  async run(stops: () => boolean, full: () => boolean): Promise<void> {
    while (!stops()) {
      if (full()) await until(() => !full(), `the worker of ${this.#name}`, STALLED_MS);
      if (this.#flying.size >= IN_FLIGHT) await Promise.race(this.#flying);
      this.#start();
    }
    await inTime(Promise.all(this.#flying), `all outcomes of ${this.#name}`, STALLED_MS);
  }

  /** Sends a last message, and ends. @returns its id */
  async end(): Promise<string> {
    const id = `${this.#name} ${this.sent}`;
    await this.#send(id, CLIENT.timeouts.sendMs);
    await this.#client.drain({ timeout: paced(30_000) });
    return id;
  }

  #start(): void {
    const { sent } = this;
    const patienceMs = sent % IMPATIENT_EVERY === 1 ? IMPATIENT_MS : CLIENT.timeouts.sendMs;
    const flight = this.#send(`${this.#name} ${sent}`, patienceMs).then(() => void this.#flying.delete(flight));
    this.#flying.add(flight);
  }

  async #send(id: string, patienceMs: number): Promise<void> {
    this.#outcomes.set(id, undefined);
    const body = { job: id, filler: 'ä€😀 '.repeat(this.#choices.between(0, 12)) };
    const options = { id, durable: true, receipt: false, timeout: paced(patienceMs) };
    const sending = this.#client.send(this.#to, body, options);
    const outcome = await sending.then(() => 'accepted' as const, outcomeOf);
    this.#outcomes.set(id, outcome);
    this.counts[outcome]++;
  }

  /** @returns what is wrong with what was worked off */
  faults(worked: readonly string[]): string[] {
    const mine = worked.filter((id) => id.startsWith(`${this.#name} `));
    const times = new Map<string, number>();
    for (const id of mine) times.set(id, (times.get(id) ?? 0) + 1);
    const order = [...this.#outcomes.keys()].filter((id) => times.has(id));
    // A refusal may be lost with a connection. Then the message is sent again, behind later ones, and may be taken.
    const mustBeInOrder = this.counts.refused === 0;
    return [
      ...[...times].filter(([, count]) => count > 1).map(([id, count]) => `${id} was worked off ${count} times`),
      ...mine
        .filter((id, at) => mustBeInOrder && id !== order[at])
        .slice(0, 1)
        .map((id) => `${id} is out of order`),
      ...[...this.#outcomes].flatMap(([id, outcome]) => faultOf(id, outcome, times.has(id))),
    ];
  }
}

function dialled(name: string, { url, tls = {} }: Work): Promise<Client> {
  return connect(url, { ...CLIENT, name, window: WINDOW, tls });
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof RefusedError) return 'refused';
  if (error instanceof TimeoutError || error instanceof ConnectionError) return 'unknown';
  throw error;
}

function faultOf(id: string, outcome: Outcome | undefined, isWorked: boolean): string[] {
  if (outcome === undefined) return [`${id} has no outcome`];
  if (outcome === 'accepted' && !isWorked) return [`${id} was accepted, and is lost`];
  return outcome === 'refused' && isWorked ? [`${id} was refused, and worked off`] : [];
}
