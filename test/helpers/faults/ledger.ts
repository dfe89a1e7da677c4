/**
 * An independent ledger of mail: it knows what was sent, what the broker called held or has shown to have read, and
 * what arrived. It knows nothing of the broker's insides, and everything it finds wrong is a sentence.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

interface Pair {
  /** The padding of each message: the message with number n is at n. */
  readonly sizes: number[];
  /** The first message of this life of the broker, and the first since its recipient last came or went. */
  firstOfLife: number;
  firstOfStay: number;
  sentIn: { readonly life: number; readonly visits: number | undefined };
  readonly promised: Set<number>;
  readonly refused: Set<number>;
  /** The messages about which the broker itself said that they are held. */
  readonly calledHeld: Set<number>;
  /** The visit of its recipient in which each message arrived last. */
  readonly arrived: Map<number, number>;
  /** How often a message arrived that had arrived before. */
  repeated: number;
  highest: number;
  /** The last one of this visit: a visit goes upwards only. */
  lastInVisit: number;
  visit: number;
}

interface Presence {
  here: boolean;
  visits: number;
  /** What arrived in the visits up to this one has left the store for sure. */
  settled: number;
}

export interface LedgerOptions {
  /** Whether the broker may refuse one message and hold the next: then a word about one is none about those before. */
  readonly mayRefuse: boolean;
}

export class Ledger {
  readonly #mayRefuse: boolean;
  readonly #pairs = new Map<string, Map<string, Pair>>();
  readonly #presence = new Map<string, Presence>();
  /** The visits that a crash fell into. */
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

  /** A mark that nobody has used: a peer writes it to itself to learn how far it has been read. */
  nextMark(): string {
    return `mark ${++this.#marks}`;
  }

  /** Notes a message that is about to be sent. @returns its number and its text */
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
   * The broker has called message `number` held. It works in order, so it also holds what was sent before, since the
   * recipient left; what was sent while it was here may have gone to it, and been lost with its connection.
   */
  held(from: string, to: string, number: number): void {
    const pair = this.#pair(from, to);
    if (pair.sentIn.life !== this.life) return;
    pair.calledHeld.add(number);
    promise(pair, this.#mayRefuse ? number : pair.firstOfStay, number);
    const presence = this.#presenceOf(to);
    if (!presence.here) presence.settled = presence.visits;
  }

  /** The broker has said that it does not hold message `number`. */
  refused(from: string, to: string, number: number): void {
    this.#pair(from, to).refused.add(number);
  }

  /** How far `from` has written to each name. */
  now(from: string): ReadonlyMap<string, number> {
    return new Map([...(this.#pairs.get(from) ?? [])].map(([to, pair]) => [to, pair.sizes.length - 1]));
  }

  /** The broker has shown that it has read what `from` wrote in this life, up to `state`: all of it is promised. */
  read(from: string, state = this.now(from)): void {
    for (const [to, last] of state) {
      const pair = this.#pair(from, to);
      if (pair.sentIn.life === this.life) promise(pair, pair.firstOfLife, last);
    }
  }

  /** Notes a line that arrived at `to`. */
  receive(to: string, line: string): void {
    const match = /^from ([^:]+): (\d+) /.exec(line);
    const from = match?.[1] ?? '';
    const number = Number(match?.[2] ?? -1);
    const pair = this.#pairs.get(from)?.get(to);
    const size = pair?.sizes[number];
    if (pair === undefined || size === undefined || line !== `from ${from}: ${bodyOf(from, to, number, size)}`) {
      this.#fault(`${to} received what nobody has sent: ${line.slice(0, 200)}`);
      return;
    }
    this.#arrive(pair, `${from} -> ${to} ${number}`, to, number);
  }

  #arrive(pair: Pair, what: string, to: string, number: number): void {
    const { visits } = this.#presenceOf(to);
    if (pair.visit !== visits) pair.lastInVisit = -1;
    pair.visit = visits;
    const before = pair.arrived.get(number);
    if (number <= pair.lastInVisit) this.#fault(`${what} came after ${pair.lastInVisit} in one visit`);
    if (before === undefined && number < pair.highest) this.#fault(`${what} came late, after ${pair.highest}`);
    if (before !== undefined) {
      pair.repeated++;
      if (!this.#crashed.has(visitOf(to, before))) this.#fault(`${what} came again, and was not in delivery`);
    }
    if (pair.refused.has(number)) this.#fault(`${what} came, and was called refused`);
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

  /** How often peers of this name have come; undefined while one is here. */
  visitsOfAway(name: string): number | undefined {
    const presence = this.#presenceOf(name);
    return presence.here ? undefined : presence.visits;
  }

  /**
   * The broker, or the part of it that has the names for which `isHit` holds, was killed just now. What arrived in a
   * visit that was open then may come again. So may what arrived in a visit before, unless mail that came behind it is
   * known to be stored: the store is written in order.
   */
  crash(isHit: (name: string) => boolean = () => true): void {
    this.#life++;
    for (const [name, { visits, settled }] of this.#presence) {
      if (!isHit(name)) continue;
      for (let visit = settled + 1; visit <= visits; visit++) this.#crashed.add(visitOf(name, visit));
    }
  }

  /** The broker was ended in order: nothing may come again. */
  restart(): void {
    this.#life++;
    for (const presence of this.#presence.values()) presence.settled = presence.visits;
  }

  /** How many messages are promised, and how many arrived more than once. */
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

  /** The numbers of what has arrived of a pair, in their order. */
  arrived(from: string, to: string): number[] {
    return [...this.#pair(from, to).arrived.keys()].sort((a, b) => a - b);
  }

  /** Everything that is wrong, now that all names for which `isBack` have been back and got their mail. */
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

  #fault(text: string): void {
    // The first ones tell what is wrong; a flood of them would only hide that.
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

/** A text that can be told from every other, so that damage shows. */
function bodyOf(from: string, to: string, number: number, bytes: number): string {
  const letter = LETTERS[(number + from.length + to.length) % LETTERS.length] ?? 'a';
  return `${number} ${from}/${to} ${letter.repeat(bytes)}`;
}
