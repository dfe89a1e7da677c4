/**
 * An independent ledger of mail. It records what was sent, what the broker has called held or has shown to have read,
 * and what arrived. It knows nothing of the broker's code. Each fault that it finds is a sentence.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

interface Pair {
  /** The size of the padding of each message, by the number of the message. */
  readonly sizes: number[];
  /** The first message of this life of the broker, and the first since its recipient last came or left. */
  firstOfLife: number;
  firstOfStay: number;
  sentIn: { readonly life: number; readonly visits: number | undefined };
  readonly promised: Set<number>;
  readonly refused: Set<number>;
  /** The messages that the broker has called held. */
  readonly calledHeld: Set<number>;
  /** By message: the visit of its recipient in which it last arrived. */
  readonly arrived: Map<number, number>;
  /** How many arrivals were repeats. */
  repeated: number;
  highest: number;
  /** The last number that arrived in this visit. Numbers must rise within a visit. */
  lastInVisit: number;
  visit: number;
}

interface Presence {
  here: boolean;
  visits: number;
  /** Messages that arrived in visits up to this one are certainly removed from the store. */
  settled: number;
}

export interface LedgerOptions {
  /**
   * Whether the broker may refuse one message and hold the next. Then a notice about one says nothing about earlier
   * ones.
   */
  readonly mayRefuse: boolean;
}

export class Ledger {
  readonly #mayRefuse: boolean;
  readonly #pairs = new Map<string, Map<string, Pair>>();
  readonly #presence = new Map<string, Presence>();
  /** The visits during which a crash happened. */
  readonly #crashed = new Set<string>();
  readonly #faults: string[] = [];
  #marks = 0;
  #life = 0;
  sent = 0;

  constructor({ mayRefuse }: LedgerOptions = { mayRefuse: false }) {
    this.#mayRefuse = mayRefuse;
  }

  /** The number of crashes and restarts so far. */
  get life(): number {
    return this.#life;
  }

  /** A text that was not used before. A peer sends it to itself to learn how far the broker has read. */
  nextMark(): string {
    return `mark ${++this.#marks}`;
  }

  /** Records a message that is about to be sent. @returns its number and its text */
  send(from: string, to: string, bytes = 16): { readonly number: number; readonly text: string } {
    const pair = this.#pair(from, to);
    const number = pair.sizes.length;
    const sentIn = { life: this.life, visits: this.visitsOfAway(to) };
    if (sentIn.life !== pair.sentIn.life) pair.firstOfLife = pair.firstOfStay = number;
    if (sentIn.visits !== pair.sentIn.visits) pair.firstOfStay = number;
    pair.sentIn = sentIn;
    pair.sizes.push(bytes);
    this.sent++;
    return { number, text: bodyOf(from, to, number, bytes) };
  }

  /**
   * The broker has called message `number` held. The broker keeps the order, so it also holds the messages sent before
   * it since the recipient left. Messages sent while the recipient was there may have gone to it and been lost with its
   * connection.
   */
  held(from: string, to: string, number: number): void {
    const pair = this.#pair(from, to);
    if (pair.sentIn.life !== this.life) return;
    pair.calledHeld.add(number);
    promise(pair, this.#mayRefuse ? number : pair.firstOfStay, number);
    const presence = this.#presenceOf(to);
    if (!presence.here) presence.settled = presence.visits;
  }

  /** The broker has refused message `number`. */
  refused(from: string, to: string, number: number): void {
    this.#pair(from, to).refused.add(number);
  }

  /** The number of the last message of `from` to each name. */
  now(from: string): ReadonlyMap<string, number> {
    return new Map([...(this.#pairs.get(from) ?? [])].map(([to, pair]) => [to, pair.sizes.length - 1]));
  }

  /**
   * The broker has shown that it has read everything that `from` sent in this life, up to `state`. All of that is
   * promised.
   */
  read(from: string, state = this.now(from)): void {
    for (const [to, last] of state) {
      const pair = this.#pair(from, to);
      if (pair.sentIn.life === this.life) promise(pair, pair.firstOfLife, last);
    }
  }

  /** Records a line that arrived at `to`, which may arrive again after a crash. */
  receive(to: string, line: string): void {
    this.#receive(to, line, true);
  }

  /** Records a message that the program `to` works off, as the line that a plain peer gets. It must do so once. */
  workOff(to: string, line: string): void {
    this.#receive(to, line, false);
  }

  #receive(to: string, line: string, mayRepeat: boolean): void {
    const match = /^from ([^:]+): (\d+) /.exec(line);
    const from = match?.[1] ?? '';
    const number = Number(match?.[2] ?? -1);
    const pair = this.#pairs.get(from)?.get(to);
    const size = pair?.sizes[number];
    if (pair === undefined || size === undefined || line !== `from ${from}: ${bodyOf(from, to, number, size)}`) {
      this.fault(`${to} received what nobody has sent: ${line.slice(0, 200)}`);
      return;
    }
    this.#arrive(pair, `${from} -> ${to} ${number}`, to, number, mayRepeat);
  }

  #arrive(pair: Pair, what: string, to: string, number: number, mayRepeat: boolean): void {
    const { visits } = this.#presenceOf(to);
    if (pair.visit !== visits) pair.lastInVisit = -1;
    pair.visit = visits;
    const before = pair.arrived.get(number);
    if (number <= pair.lastInVisit) this.fault(`${what} came after ${pair.lastInVisit} in one visit`);
    if (before === undefined && number < pair.highest) this.fault(`${what} came late, after ${pair.highest}`);
    if (before !== undefined) {
      pair.repeated++;
      if (!mayRepeat || !this.#crashed.has(visitOf(to, before)))
        this.fault(`${what} came again, and was not in delivery`);
    }
    if (pair.refused.has(number)) this.fault(`${what} came, and was called refused`);
    pair.arrived.set(number, visits);
    pair.lastInVisit = number;
    pair.highest = Math.max(pair.highest, number);
  }

  /** A peer of this name is about to connect. */
  comes(name: string): void {
    const presence = this.#presenceOf(name);
    presence.here = true;
    presence.visits++;
  }

  /** The peer of this name has seen the end of its stream. */
  leaves(name: string): void {
    this.#presenceOf(name).here = false;
  }

  /** How often peers of this name have come; undefined while one is connected. */
  visitsOfAway(name: string): number | undefined {
    const presence = this.#presenceOf(name);
    return presence.here ? undefined : presence.visits;
  }

  /**
   * The broker was killed just now, or one shard, whose names `isHit` tells. Messages that arrived in an open visit may
   * arrive again. So may those of an earlier visit, unless later mail is known to be stored: the store is written in
   * order.
   */
  crash(isHit: (name: string) => boolean = () => true): void {
    this.#life++;
    for (const [name, { visits, settled }] of this.#presence) {
      if (!isHit(name)) continue;
      for (let visit = settled + 1; visit <= visits; visit++) this.#crashed.add(visitOf(name, visit));
    }
  }

  /** The broker was stopped in order. Nothing may arrive again. */
  restart(): void {
    this.#life++;
    for (const presence of this.#presence.values()) presence.settled = presence.visits;
  }

  /** How many messages are promised, and how many arrivals were repeats. */
  get totals(): {
    readonly sent: number;
    readonly promised: number;
    readonly arrived: number;
    readonly repeated: number;
  } {
    const pairs = [...this.#pairs.values()].flatMap((of) => [...of.values()]);
    const sum = (value: (pair: Pair) => number) => pairs.reduce((total, pair) => total + value(pair), 0);
    return {
      sent: this.sent,
      promised: sum((pair) => pair.promised.size),
      arrived: sum((pair) => pair.arrived.size),
      repeated: sum((pair) => pair.repeated),
    };
  }

  /** The numbers of the messages of a pair that have arrived, in order. */
  arrived(from: string, to: string): number[] {
    return [...this.#pair(from, to).arrived.keys()].sort((a, b) => a - b);
  }

  /** Every fault. To be called when all names for which `isBack` is true have come back and received their mail. */
  faults(isBack: (name: string) => boolean = () => true): readonly string[] {
    const lost: string[] = [];
    for (const [from, recipients] of this.#pairs) {
      for (const [to, pair] of recipients) {
        if (!isBack(to)) continue;
        for (const number of pair.promised) {
          if (pair.arrived.has(number)) continue;
          const why = pair.calledHeld.has(number) ? 'called held' : 'before one that was called held, or read';
          lost.push(`${from} -> ${to} ${number} of ${pair.sizes.length}, ${why}, is lost`);
        }
      }
    }
    return [...this.#faults, ...lost];
  }

  /** Records a fault. @param text a sentence */
  fault(text: string): void {
    // The first faults are enough; thousands of them would hide the cause.
    if (this.#faults.length < 100) this.#faults.push(`life ${this.life}: ${text}`);
  }

  #pair(from: string, to: string): Pair {
    const recipients = this.#pairs.get(from) ?? new Map<string, Pair>();
    this.#pairs.set(from, recipients);
    const pair = recipients.get(to) ?? newPair();
    recipients.set(to, pair);
    return pair;
  }

  #presenceOf(name: string): Presence {
    const presence = this.#presence.get(name) ?? { here: false, visits: 0, settled: 0 };
    this.#presence.set(name, presence);
    return presence;
  }
}

function visitOf(name: string, visits: number): string {
  return `${name}#${visits}`;
}

function promise(pair: Pair, first: number, last: number): void {
  for (let number = first; number <= last; number++) pair.promised.add(number);
}

function newPair(): Pair {
  return {
    sizes: [],
    firstOfLife: 0,
    firstOfStay: 0,
    sentIn: { life: -1, visits: undefined },
    promised: new Set(),
    refused: new Set(),
    calledHeld: new Set(),
    arrived: new Map(),
    repeated: 0,
    highest: -1,
    lastInVisit: -1,
    visit: -1,
  };
}

/** A text that differs from every other one, so that damage shows. */
function bodyOf(from: string, to: string, number: number, bytes: number): string {
  const letter = LETTERS[(number + from.length + to.length) % LETTERS.length] ?? 'a';
  return `${number} ${from}/${to} ${letter.repeat(bytes)}`;
}
