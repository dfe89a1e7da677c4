/**
 * One client of the swarm across all its comings and goings: a state, moved by ticks and by what its connection says.
 *
 *   away -> arriving -> live -> leaving -> away ... -> gone
 *
 * It arrives by proving that its name is live: a line to itself that comes back. Whatever ends a connection otherwise
 * is counted, and it tries again; without any progress for too long it gives the run up.
 */
import { type Ending, PlainClient } from '../../src/tools/client/plain-client.ts';
import type { Counts, Stage } from '../../src/tools/swarm/task.ts';
import { proofLine, readProof } from './messages.ts';

/** How long an arrival may go without a line of the broker's, over all its attempts. */
const ARRIVE_LIMIT_MS = 10_000;
/** One attempt of it. */
const ATTEMPT_LIMIT_MS = 4_000;
const LEAVE_LIMIT_MS = 15_000;
const RETRY_MS = 100;
/** How long one that left stays away. */
const SHORTEST_AWAY_MS = 50;
const LONGEST_AWAY_MS = 1_000;
/** Past so many bytes that the kernel has not taken it sends nothing: the broker, or we, cannot follow. */
const MAX_UNSENT_BYTES = 64 * 1024;
/** What could not be sent in time is not made up for beyond this. */
const MAX_BEHIND_MS = 100;
/** What the broker greets a peer with: no reason why it would end. */
const GREETING = '* you are ';

/** What a client needs of the thread around it. Times are on the clock of the run. */
export interface MemberHost {
  readonly host: string;
  readonly port: number;
  readonly ratePerSecond: number;
  readonly churnPerSecond: number;
  readonly stage: Stage;
  readonly counts: Counts;
  /** Between 0 and 1. */
  random(): number;
  nowMs(): number;
  /** Whether one more may be on its way in. */
  mayArrive(): boolean;
  /** A line to some of the others, booked as sent; undefined if nobody has room. */
  compose(sender: number): string | undefined;
  /** Books a line that is neither a notice nor a proof. */
  mail(line: string, recipient: number, connectedAtMs: number): void;
  /** The run cannot be carried through. */
  fail(reason: string): void;
}

/** A connection. What a late word says of an old one touches nothing. */
interface Visit {
  readonly client: PlainClient;
  readonly proof: number;
  readonly sinceMs: number;
  connectedAtMs: number;
  /** What the broker said last of why it would end. */
  said: string | undefined;
}

type State =
  | { readonly at: 'away'; readonly untilMs: number }
  | { readonly at: 'arriving'; readonly visit: Visit }
  | { readonly at: 'live'; readonly visit: Visit }
  | { readonly at: 'leaving'; readonly visit: Visit; readonly sinceMs: number }
  | { readonly at: 'gone' };

export class Member {
  readonly #host: MemberHost;
  readonly #index: number;
  readonly #name: string;
  #state: State = { at: 'away', untilMs: 0 };
  /** Lines it may send now; a fraction, so that the clients of a thread do not send in step. */
  #credit: number;
  #proofs = 0;
  #hasBeenLive = false;
  /** The latest progress of the arrival under way. */
  #arrivingSinceMs: number | undefined;
  #lastFailure = 'no answer';

  constructor(host: MemberHost, index: number, name: string) {
    this.#host = host;
    this.#index = index;
    this.#name = name;
    this.#credit = host.random();
  }

  get at(): State['at'] {
    return this.#state.at;
  }

  /** Lets time pass. */
  tick(nowMs: number, sinceLastMs: number): void {
    const state = this.#state;
    switch (state.at) {
      case 'away':
        if (this.#host.stage === 'leaving') this.#state = { at: 'gone' };
        else this.#tickAway(state.untilMs, nowMs);
        break;
      case 'arriving':
        if (this.#host.stage === 'leaving' || nowMs - state.visit.sinceMs > ATTEMPT_LIMIT_MS) {
          this.#retry(state.visit, 'no answer');
        }
        break;
      case 'live':
        if (this.#host.stage === 'leaving') this.#leave(state.visit, nowMs);
        else if (this.#host.stage === 'sending') this.#tickSending(state.visit, nowMs, sinceLastMs);
        break;
      case 'leaving':
        // Its end is seen as any other, and counted there.
        if (nowMs - state.sinceMs > LEAVE_LIMIT_MS) state.visit.client.destroy();
        break;
      case 'gone':
        break;
      default:
        state satisfies never;
    }
  }

  /** Closes its connection, if it has one, and does nothing any more. */
  destroy(): void {
    const state = this.#state;
    this.#state = { at: 'gone' };
    if (state.at !== 'away' && state.at !== 'gone') state.visit.client.destroy();
  }

  #tickAway(untilMs: number, nowMs: number): void {
    const { host, port } = this.#host;
    if (this.#arrivingSinceMs !== undefined && nowMs - this.#arrivingSinceMs > ARRIVE_LIMIT_MS) {
      const what = this.#hasBeenLive ? 'come back to' : 'join';
      const seconds = ARRIVE_LIMIT_MS / 1000;
      this.#host.fail(
        `${this.#name} could not ${what} the broker at ${host}:${port} for ${seconds} s: ${this.#lastFailure}`,
      );
      return;
    }
    // Who is away when the sending is over comes back at once.
    const due = nowMs >= untilMs || (this.#host.stage === 'settling' && this.#arrivingSinceMs === undefined);
    if (due && this.#host.mayArrive()) this.#arrive(nowMs);
  }

  #tickSending(visit: Visit, nowMs: number, sinceLastMs: number): void {
    const { churnPerSecond, ratePerSecond } = this.#host;
    if (this.#host.random() < (churnPerSecond * sinceLastMs) / 1000) {
      this.#host.counts.leaves++;
      this.#leave(visit, nowMs);
      return;
    }
    const mostCredit = 1 + (ratePerSecond * MAX_BEHIND_MS) / 1000;
    this.#credit = Math.min(mostCredit, this.#credit + (ratePerSecond * sinceLastMs) / 1000);
    if (this.#credit < 1 || visit.client.unsentBytes > MAX_UNSENT_BYTES) return;
    const lines: string[] = [];
    while (this.#credit >= 1) {
      const line = this.#host.compose(this.#index);
      if (line === undefined) break;
      lines.push(line);
      this.#credit--;
    }
    if (lines.length > 0) visit.client.send(lines.join('\n'));
  }

  #arrive(nowMs: number): void {
    this.#arrivingSinceMs ??= nowMs;
    const client = new PlainClient({
      host: this.#host.host,
      port: this.#host.port,
      name: this.#name,
      onLine: (line) => this.#line(visit, line),
    });
    const visit: Visit = {
      client,
      proof: ++this.#proofs,
      sinceMs: nowMs,
      connectedAtMs: Number.POSITIVE_INFINITY,
      said: undefined,
    };
    this.#state = { at: 'arriving', visit };
    client.opened.then((connected) => {
      if (connected) visit.connectedAtMs = this.#host.nowMs();
    });
    client.send(proofLine(this.#name, visit.proof));
    client.ended.then((ending) => this.#ended(visit, ending));
  }

  #leave(visit: Visit, nowMs: number): void {
    this.#state = { at: 'leaving', visit, sinceMs: nowMs };
    visit.client.leave();
  }

  #line(visit: Visit, line: string): void {
    if (line.startsWith('* ')) {
      this.#notice(visit, line);
      return;
    }
    if (this.#state.at === 'arriving') this.#arrivingSinceMs = this.#host.nowMs();
    const proof = readProof(line, this.#name, visit.proof);
    if (proof === 'proof') this.#proven(visit);
    else if (proof === 'none') this.#host.mail(line, this.#index, visit.connectedAtMs);
  }

  #notice(visit: Visit, line: string): void {
    const { counts } = this.#host;
    if (line.startsWith(`* ${this.#name} is taken`)) {
      counts.taken++;
      // Who waits has its name in the end, and may be given mail at any moment.
      if (!line.endsWith('you wait until it is free')) this.#retry(visit, 'its name is taken');
      return;
    }
    const refusals = refusalsIn(line);
    if (refusals > 0) counts.refusals += refusals;
    else if (!line.endsWith('mail is held') && !line.startsWith(GREETING)) visit.said = line;
  }

  #proven(visit: Visit): void {
    if (this.#state.at !== 'arriving' || this.#state.visit !== visit) return;
    this.#state = { at: 'live', visit };
    this.#arrivingSinceMs = undefined;
    if (this.#hasBeenLive) this.#host.counts.reconnects++;
    this.#hasBeenLive = true;
  }

  /** Gives up an attempt to arrive; the next is a little later. */
  #retry(visit: Visit, reason: string): void {
    if (this.#state.at !== 'arriving' || this.#state.visit !== visit) return;
    this.#host.counts.failedAttempts++;
    this.#lastFailure = reason;
    this.#stayAway(RETRY_MS);
    visit.client.destroy();
  }

  #ended(visit: Visit, ending: Ending): void {
    const state = this.#state;
    if (state.at === 'away' || state.at === 'gone' || state.visit !== visit) return;
    this.#lastFailure = visit.said ?? (ending.kind === 'failed' ? ending.error.message : ending.kind);
    switch (state.at) {
      case 'arriving':
        this.#retry(visit, this.#lastFailure);
        break;
      case 'live':
        this.#host.counts.disconnected++;
        this.#stayAway(RETRY_MS);
        break;
      case 'leaving':
        if (ending.kind !== 'left') this.#host.counts.disconnected++;
        this.#stayAway(SHORTEST_AWAY_MS + this.#host.random() * (LONGEST_AWAY_MS - SHORTEST_AWAY_MS));
        break;
      default:
        state satisfies never;
    }
  }

  #stayAway(ms: number): void {
    this.#state = { at: 'away', untilMs: this.#host.nowMs() + ms };
  }
}

/** How many messages a notice says were dropped or refused: the first of a kind, or how many more there were. */
function refusalsIn(line: string): number {
  if (!/(?:dropped|refused)$/.test(line)) return 0;
  return Number(/(\d+) more messages?\b/.exec(line)?.[1] ?? 1);
}
