/** A client on paper: its clock moves when the test says so, and its broker says what the test has it say. */
import { setImmediate } from 'node:timers/promises';
import { Client } from '../../../../src/tools/library/client.ts';
import { Core } from '../../../../src/tools/library/core/core.ts';
import { type ConnectOptions, settingsOf } from '../../../../src/tools/library/options.ts';
import type { Connection, ConnectionSink, Dial } from '../../../../src/tools/library/transport/transport.ts';
import type { Clock } from '../../../../src/tools/library/waits/clock.ts';

/** Lets everything happen that waits for nothing but its turn. */
export const turn = () => setImmediate();

/** A clock that stands still. */
class PaperClock implements Clock {
  /** What `random` returns. */
  chance = 0.5;
  #now = 1_000;
  #timers: { at: number; then: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  soon(then: () => void): void {
    queueMicrotask(then);
  }

  startTimer(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** How many timers run that will end. */
  get running(): number {
    return this.#timers.filter(({ at }) => at !== Number.POSITIVE_INFINITY).length;
  }

  /** Moves the clock, and calls what is due on the way. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = next.at;
      this.#timers = this.#timers.filter((each) => each !== next);
      next.then();
      await turn();
    }
    this.#now = end;
  }
}

type Said = Readonly<Record<string, unknown>>;

/** One connection, as the broker has it. */
class PaperConnection implements Connection {
  /** How the client has ended it. */
  left: 'ended' | 'destroyed' | undefined;
  readonly sink: ConnectionSink;
  #heard: Said[] = [];

  constructor(sink: ConnectionSink) {
    this.sink = sink;
  }

  write(lines: string): void {
    if (this.left !== undefined) throw new Error('written after the end');
    if (!lines.endsWith('\n')) throw new Error('a line has no end');
    this.#heard.push(
      ...lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Said),
    );
  }

  end(): void {
    this.left = 'ended';
    queueMicrotask(() => this.sink.closed());
  }

  destroy(): void {
    this.left ??= 'destroyed';
  }

  /** What the client has said since the last call. */
  async heard(): Promise<Said[]> {
    await turn();
    return this.#heard.splice(0);
  }

  /** The broker says these, in one read. */
  async say(...words: Said[]): Promise<void> {
    this.sink.lines(words.map((each) => JSON.stringify(each)));
    await turn();
  }

  /** The connection opens, and the broker says welcome. */
  async welcome(more: Said = {}): Promise<void> {
    this.sink.opened();
    const limits = { line: 65_536, destinations: 1_000, window: 256 };
    const words = { type: 'welcome', v: 1, name: 'bob', mailbox: 'm1', waiting: 0, last: 0, ping: 25, limits };
    await turn();
    await this.say({ ...words, ...more });
  }

  async cut(): Promise<void> {
    this.sink.closed(new Error('cut'));
    await turn();
  }
}

/** The broker. */
class PaperBroker {
  readonly connections: PaperConnection[] = [];

  readonly dial: Dial = (sink) => {
    const connection = new PaperConnection(sink);
    this.connections.push(connection);
    return connection;
  };

  /** The connection that was made last. */
  get last(): PaperConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('nobody has connected');
    return last;
  }
}

/** A client whose connection has begun, and what it is made of. */
export function beginning(options: ConnectOptions = {}) {
  const clock = new PaperClock();
  const broker = new PaperBroker();
  const core = new Core(settingsOf({ name: 'bob', ...options }), clock, broker.dial, options.signal);
  const connecting = core.connect();
  connecting.catch(() => undefined);
  return { clock, broker, core, connecting, client: new Client(core) };
}

/** A client that is connected. The broker has forgotten its hello. */
export async function connected(options: ConnectOptions = {}, welcome: Said = {}) {
  const made = beginning(options);
  await made.broker.last.welcome(welcome);
  await made.connecting;
  await made.broker.last.heard();
  return {
    ...made,
    /** The connection is cut, the pause passes, and the broker says welcome again. */
    async reconnect(again: Said = welcome): Promise<PaperConnection> {
      const before = made.broker.connections.length;
      await made.broker.last.cut();
      await made.clock.pass(5_000);
      if (made.broker.connections.length !== before + 1) throw new Error('there is no new connection');
      await made.broker.last.welcome(again);
      return made.broker.last;
    },
  };
}

/** What became of a promise by now. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  const waiting = turn().then(() => 'waiting');
  return await Promise.race([promise.catch((error: unknown) => error), waiting]);
}

/** As `outcome`, of a promise that may reject before it is asked. */
export function outcomeLater(promise: Promise<unknown>): () => Promise<unknown> {
  const caught = promise.catch((error: unknown) => error);
  return () => outcome(caught);
}

/** A message as the broker says it. */
export function message(seq: number, more: Said = {}): Said {
  return { type: 'message', seq, from: 'alice', body: `body ${seq}`, ...more };
}
