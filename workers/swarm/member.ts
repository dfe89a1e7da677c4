/**
 * One client of the swarm, over all its connections: a state machine, driven by ticks and by its connection.
 *
 *   away -> arriving -> live -> leaving -> away ... -> gone
 *
 * Its voice says what is spoken on a connection, and when the client is live. A program may crash: it goes from live to
 * away without a word. Where names are proved it may also leave that connection open, and take its name over. A
 * connection that ends in any other way is counted, and the client tries again. Without progress for too long it fails
 * the run.
 */
import { type Ending, LineClient } from '../../src/tools/client/line-client.ts';
import type { MemberHost } from './member-host.ts';
import { TakenOver, type Visit } from './visit.ts';
import type { Heard, Voice } from './voices/voice.ts';

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
/** A program that goes away crashes with this probability. */
const CRASH_PART = 0.6;
/** And where names are proved, so many of the crashes leave their connection open. */
const TAKE_OVER_PART = 0.5;

type State =
  | { readonly at: 'away'; readonly untilMs: number }
  | { readonly at: 'arriving'; readonly visit: Visit }
  | { readonly at: 'live'; readonly visit: Visit }
  | { readonly at: 'leaving'; readonly visit: Visit; readonly sinceMs: number }
  | { readonly at: 'gone' };

export class Member {
  readonly #host: MemberHost;
  readonly #name: string;
  readonly #index: number;
  readonly #voice: Voice;
  readonly #takenOver: TakenOver;
  #state: State = { at: 'away', untilMs: 0 };
  /**
   * The number of lines it may send now. It starts as a random fraction, so that the clients of a thread do not send in
   * step.
   */
  #credit: number;
  #hasBeenLive = false;
  /** When the arrival under way last made progress. */
  #arrivingSinceMs: number | undefined;
  #lastFailure = 'no answer';

  constructor(host: MemberHost, name: string, index: number, voice: Voice) {
    this.#host = host;
    this.#name = name;
    this.#index = index;
    this.#voice = voice;
    this.#takenOver = new TakenOver((what) => host.violated(`${name} ${what}`));
    this.#credit = host.random();
  }

  get at(): State['at'] {
    return this.#state.at;
  }

  tick(nowMs: number, sinceLastMs: number): void {
    const state = this.#state;
    switch (state.at) {
      case 'away':
        if (this.#host.stage === 'leaving') this.#gone();
        else this.#tickAway(state.untilMs, nowMs);
        break;
      case 'arriving':
        if (this.#host.stage === 'leaving' || nowMs - state.visit.sinceMs > ATTEMPT_LIMIT_MS) {
          this.#retry(state.visit, 'no answer');
        }
        break;
      case 'live':
        if (this.#host.stage === 'leaving') this.#leave(state.visit, nowMs);
        else this.#tickLive(state.visit, nowMs, sinceLastMs);
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
    this.#gone();
    if (state.at !== 'away' && state.at !== 'gone') state.visit.client.destroy();
  }

  #gone(): void {
    this.#state = { at: 'gone' };
    this.#takenOver.end();
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

  #tickLive(visit: Visit, nowMs: number, sinceLastMs: number): void {
    const { stage, churnPerSecond } = this.#host;
    if (stage === 'sending' && this.#host.random() < (churnPerSecond * sinceLastMs) / 1000) {
      this.#goAway(visit, nowMs);
      return;
    }
    const due = this.#voice.due(nowMs);
    if (due !== undefined) visit.client.send(due);
    if (stage === 'sending') this.#send(visit, sinceLastMs);
    if (stage !== 'settling') return;
    const letter = this.#host.resolve(this.#index);
    if (letter !== undefined) visit.client.send(this.#voice.send(letter));
  }

  #send(visit: Visit, sinceLastMs: number): void {
    const { ratePerSecond } = this.#host;
    const mostCredit = 1 + (ratePerSecond * MAX_BEHIND_MS) / 1000;
    this.#credit = Math.min(mostCredit, this.#credit + (ratePerSecond * sinceLastMs) / 1000);
    if (this.#credit < 1 || visit.client.unsentBytes > MAX_UNSENT_BYTES) return;
    const lines: string[] = [];
    while (this.#credit >= 1) {
      const letter = this.#host.compose(this.#index);
      if (letter === undefined) break;
      lines.push(this.#voice.send(letter));
      this.#credit--;
    }
    if (lines.length > 0) visit.client.send(lines.join('\n'));
  }

  #arrive(nowMs: number): void {
    this.#arrivingSinceMs ??= nowMs;
    const [first = '', ...rest] = this.#voice.begin();
    const client = new LineClient({
      host: this.#host.host,
      port: this.#host.port,
      first,
      onLine: (line) => {
        if (this.#takenOver.has(visit)) this.#takenOver.heard(visit, line);
        else this.#heard(visit, this.#voice.hear(line, visit.connectedAtMs));
      },
    });
    const visit: Visit = {
      client,
      sinceMs: nowMs,
      connectedAtMs: Number.POSITIVE_INFINITY,
      said: undefined,
    };
    this.#state = { at: 'arriving', visit };
    client.opened.then((connected) => {
      if (connected) visit.connectedAtMs = this.#host.nowMs();
    });
    for (const line of rest) client.send(line);
    client.ended.then((ending) => this.#ended(visit, ending));
  }

  /** It leaves in order, or crashes. Either way it comes back. */
  #goAway(visit: Visit, nowMs: number): void {
    const { counts } = this.#host;
    if (this.#voice.mayCrash && this.#host.random() < CRASH_PART) {
      this.#crash(visit, nowMs);
    } else {
      counts.leaves++;
      this.#leave(visit, nowMs);
    }
  }

  #crash(visit: Visit, nowMs: number): void {
    const { counts, namesAreProved } = this.#host;
    if (namesAreProved && this.#host.random() < TAKE_OVER_PART) {
      counts.takeOvers++;
      this.#takenOver.add(visit);
      this.#voice.end(false);
      this.#arrive(nowMs);
    } else {
      counts.crashes++;
      this.#stayAwayForSome();
      this.#close(visit);
    }
  }

  #leave(visit: Visit, nowMs: number): void {
    this.#state = { at: 'leaving', visit, sinceMs: nowMs };
    const last = this.#voice.leave();
    if (last !== undefined) visit.client.send(last);
    visit.client.leave();
  }

  #heard(visit: Visit, heard: Heard): void {
    switch (heard.kind) {
      case 'live':
        this.#live(visit);
        break;
      case 'taken':
        this.#host.counts.taken++;
        // A client that waits gets its name in the end, and may get mail at any moment. Only one that does not wait
        // tries again.
        if (!heard.waits) this.#retry(visit, 'its name is taken');
        break;
      case 'reason':
        visit.said = heard.text;
        break;
      case 'mail':
        if (this.#state.at === 'arriving') this.#arrivingSinceMs = this.#host.nowMs();
        break;
      case 'other':
        break;
      default:
        heard satisfies never;
    }
  }

  #live(visit: Visit): void {
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
    this.#close(visit);
  }

  /** Closes a connection that is not the one of the state any more. */
  #close(visit: Visit): void {
    visit.client.destroy();
    this.#voice.end(false);
  }

  #ended(visit: Visit, ending: Ending): void {
    if (this.#takenOver.has(visit)) this.#takenOver.ended(visit);
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
        this.#voice.end(false);
        break;
      case 'leaving':
        if (ending.kind !== 'left') this.#host.counts.disconnected++;
        this.#stayAwayForSome();
        this.#voice.end(ending.kind === 'left');
        break;
      default:
        state satisfies never;
    }
  }

  #stayAwayForSome(): void {
    this.#stayAway(SHORTEST_AWAY_MS + this.#host.random() * (LONGEST_AWAY_MS - SHORTEST_AWAY_MS));
  }

  #stayAway(ms: number): void {
    this.#state = { at: 'away', untilMs: this.#host.nowMs() + ms };
  }
}
