/**
 * Programs that record in a ledger what they send and what they work off. Each remembers under which seq it has worked
 * off what, over crashes of its own and of the broker, and so works each message off once.
 */
import { connect, type Socket } from 'node:net';
import { inTime, until } from '../until.ts';
import type { Ledger } from './ledger.ts';
import type { Choices } from './random.ts';

const WINDOW = 8;

type Told = Readonly<Record<string, unknown>>;

/** By seq: a message that a program has worked off, and the life of the broker in which it came. */
type WorkedOff = Map<number, { readonly life: number; readonly message: string }>;

/** What all programs of a test share. */
export class Programs implements Disposable {
  readonly ledger: Ledger;
  readonly choices: Choices;
  readonly #workedOff = new Map<string, WorkedOff>();
  readonly all = new Set<ProgramPeer>();
  /** How many messages came again and were dropped. */
  dropped = 0;
  /** How many messages had a seq that another one had before the broker was killed. */
  reusedAfterKill = 0;

  constructor(ledger: Ledger, choices: Choices) {
    this.ledger = ledger;
    this.choices = choices;
  }

  /**
   * A message has come. Only one of another life of the broker may have had its seq.
   * @returns whether the program is to work it off
   */
  isNew(name: string, seq: number, message: string): boolean {
    const { life } = this.ledger;
    const worked = this.#workedOff.get(name) ?? new Map();
    this.#workedOff.set(name, worked);
    const before = worked.get(seq);
    if (before?.message === message) {
      this.dropped++;
      return false;
    }
    if (before?.life === life) this.ledger.fault(`${name} got seq ${seq} for two messages`);
    if (before !== undefined) this.reusedAfterKill++;
    worked.set(seq, { life, message });
    return true;
  }

  /** Connects, and says hello. The name may be taken, and is waited for. */
  connect(port: number, name: string): Promise<ProgramPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new ProgramPeer(this, socket, name)));
    });
  }

  /** Lets these names come, work off what waits, and leave. Some crash on the way, and come back. */
  async visit(port: number, names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#visit(port, name)));
  }

  async #visit(port: number, name: string): Promise<void> {
    for (;;) {
      const program = await this.connect(port, name);
      if (!(await program.caughtUp())) throw new Error(`${name} was cut off while it got its mail`);
      if (!this.choices.chance(0.3)) {
        await program.leave();
        return;
      }
      program.crash();
    }
  }

  /** Resolves when all connections have ended, as they do when the broker has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.all].map((program) => program.ended()));
  }

  [Symbol.dispose](): void {
    for (const program of this.all) program.crash();
  }
}

/** One connection of a program. */
export class ProgramPeer {
  readonly name: string;
  readonly #programs: Programs;
  readonly #socket: Socket;
  readonly #ended: Promise<void>;
  /** By id: a message that has no outcome yet. */
  readonly #pending = new Map<string, { readonly to: string; readonly number: number }>();
  readonly #marks = new Set<unknown>();
  #rest = '';
  #over = false;
  #received = 0;
  #unacknowledged = 0;
  /** It acknowledges when so many are unacknowledged. */
  #patience = WINDOW;

  constructor(programs: Programs, socket: Socket, name: string) {
    this.name = name;
    this.#programs = programs;
    this.#socket = socket;
    programs.ledger.comes(name);
    programs.all.add(this);
    this.#ended = new Promise((resolve) => {
      socket.once('end', resolve);
      socket.once('close', () => resolve());
    });
    void this.#ended.then(() => this.#end());
    socket.setEncoding('utf8');
    socket.on('error', () => undefined); // the broker is killed
    socket.on('data', (text: string) => this.#take(text));
    this.#say({ type: 'hello', v: 1, name, window: WINDOW });
  }

  /** Sends the next message to each of these names, each with an id. */
  send(names: readonly string[], bytes?: number): void {
    for (const to of names) {
      const { number, text } = this.#programs.ledger.send(this.name, to, bytes);
      const id = `${to} ${number}`;
      this.#pending.set(id, { to, number });
      this.#say({ type: 'send', id, to, body: text });
    }
  }

  /** Resolves when every message has its outcome, or the connection has ended. */
  async answered(): Promise<void> {
    await until(
      () => this.#over || this.#pending.size === 0,
      () => `what became of ${[...this.#pending.keys()].slice(0, 3).join(', ')} of ${this.name}`,
    );
  }

  /** Resolves to true when all that waited for it has come, and to false if the connection ends before. */
  async caughtUp(): Promise<boolean> {
    const mark = this.#programs.ledger.nextMark();
    this.#say({ type: 'send', to: this.name, body: mark });
    await until(() => this.#over || this.#marks.has(mark), `${mark} of ${this.name}`);
    return this.#marks.has(mark);
  }

  /** Acknowledges all that it has, and leaves in order. */
  async leave(): Promise<void> {
    this.#acknowledge();
    this.#socket.end();
    await this.ended();
  }

  /** Closes the connection without a word. */
  crash(): void {
    this.#socket.destroy();
    this.#end();
  }

  /** Resolves when the connection has ended in any way. */
  ended(): Promise<void> {
    return inTime(this.#ended, `the end of the connection of ${this.name}`);
  }

  #say(object: object): void {
    this.#socket.write(`${JSON.stringify(object)}\n`);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const told = JSON.parse(line) as Told;
      if (told.type === 'message') this.#message(told);
      else if (told.type === 'accepted') this.#accepted(told);
      else if (told.type === 'welcome') this.#received = told.last as number;
      else if (told.type !== 'waiting' && told.type !== 'bye') this.#fault(`was told ${line}`);
    }
  }

  #message({ seq, from, body }: Told): void {
    const number = seq as number;
    if (number <= this.#received) this.#fault(`got seq ${number} behind ${this.#received}`);
    this.#received = number;
    if (++this.#unacknowledged > WINDOW) this.#fault(`got ${this.#unacknowledged} messages, more than its window`);
    const message = `from ${from}: ${body}`;
    if (this.#programs.isNew(this.name, number, message)) {
      if (from === this.name) this.#marks.add(body);
      else this.#programs.ledger.workOff(this.name, message);
    }
    if (this.#unacknowledged < this.#patience) return;
    this.#acknowledge();
    this.#patience = this.#programs.choices.between(1, WINDOW + 1);
  }

  #accepted({ id, to: outcomes }: Told): void {
    const sent = this.#pending.get(id as string);
    this.#pending.delete(id as string);
    if (sent === undefined) {
      this.#fault(`was told twice what became of ${id}`);
      return;
    }
    const { to, number } = sent;
    const outcome = (outcomes as Told)[to];
    if (outcome === 'held') this.#programs.ledger.held(this.name, to, number);
    // What is taken is in memory alone. It may be lost when the broker is killed.
    else if (outcome !== 'taken') this.#fault(`was told that ${to} is ${outcome}`);
  }

  #acknowledge(): void {
    if (this.#unacknowledged === 0) return;
    this.#unacknowledged = 0;
    this.#say({ type: 'ack', seq: this.#received });
  }

  #fault(what: string): void {
    this.#programs.ledger.fault(`${this.name} ${what}`);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#programs.ledger.leaves(this.name);
    this.#programs.all.delete(this);
  }
}
