/**
 * One client of the swarm, over all its connections: a state machine, driven by ticks and by its connection.
 *
 *   away -> arriving -> live -> leaving -> away ... -> gone
 *
 * To arrive, the client sends a line to itself. It is live when that line has come back. A connection that ends in any
 * other way is counted, and the client tries again. Without progress for too long it fails the run.
 */
import { type Ending, PlainClient } from '../../src/tools/client/plain-client.ts';
import type { Counts, Stage } from '../../src/tools/swarm/task.ts';
import { proofLine, readProof } from './messages.ts';

/** How long an arrival may go on without a line from the broker, over all its attempts. */
const ARRIVE_LIMIT_MS = 10_000;
/** The limit of one attempt to arrive. */
const ATTEMPT_LIMIT_MS = 4_000;
const LEAVE_LIMIT_MS = 15_000;
const RETRY_MS = 100;
/** How long a client that has left stays away. */
const SHORTEST_AWAY_MS = 50;
const LONGEST_AWAY_MS = 1_000;
/** A client with more than this unsent sends nothing: the broker or this process cannot follow. */
const MAX_UNSENT_BYTES = 64 * 1024;
/** A client that fell behind its rate makes up for at most this time. */
const MAX_BEHIND_MS = 100;
/** The beginning of the broker's welcome. It is no reason for the end of a connection. */
const GREETING = '* you are ';

/** What a client needs of its thread. Times are on the clock of the run. */
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
  /** Whether one more client may begin to arrive now. */
  mayArrive(): boolean;
  /** A line to some of the others, recorded as sent; undefined if none of those chosen may get more now. */
  compose(sender: number): string | undefined;
  /** Records a delivered line that is neither a notice nor a proof. */
  mail(line: string, recipient: number, connectedAtMs: number): void;
  /** Ends the run as failed. */
  fail(reason: string): void;
}

/** One connection. A late event of an old connection is told by its `Visit`, and ignored. */
interface Visit {
  readonly client: PlainClient;
  readonly proof: number;
  readonly sinceMs: number;
  connectedAtMs: number;
  /** The last notice that may be the reason for the end of the connection. */
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
  /**
   * The number of lines it may send now. It starts as a random fraction, so that the clients of a thread do not send in
   * step.
   */
  #credit: number;
  #proofs = 0;
  #hasBeenLive = false;
  /** When the arrival under way last made progress. */
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
        // `#ended` counts this like any other end.
        if (nowMs - state.sinceMs > LEAVE_LIMIT_MS) state.visit.client.destroy();
        break;
      case 'gone':
        break;
      default:
        state satisfies never;
    }
  }

  /** Closes the connection, if there is one. The client does nothing after that. */
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
    // A client that is away when the sending is over comes back at once.
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
      // A client that waits gets its name in the end, and may get mail at any moment. Only one that does not wait tries
      // again.
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

  /** Gives up an attempt to arrive. The next one follows a little later. */
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

/** How many messages a notice reports as dropped or refused: one, or the number in `N more messages`. */
function refusalsIn(line: string): number {
  if (!/(?:dropped|refused)$/.test(line)) return 0;
  return Number(/(\d+) more messages?\b/.exec(line)?.[1] ?? 1);
}
