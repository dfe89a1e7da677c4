/**
 * The entry of one thread of the swarm: many clients, one timer, one set of counts. The task resolves when all its
 * clients have left, or when one of them has failed.
 */
import { createHistogram } from 'node:perf_hooks';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import {
  type Counts,
  type Outcome,
  type Progress,
  type Stage,
  type SwarmTask,
  type ToThread,
  zeroCounts,
} from '../../src/tools/swarm/task.ts';
import { Ledger } from './ledger.ts';
import { Member } from './member.ts';
import type { MemberHost } from './member-host.ts';
import { clientName, type Letter, letter, MailReader } from './messages.ts';
import { PlainVoice } from './voices/plain-voice.ts';
import { ProgramVoice } from './voices/program-voice.ts';
import type { Voice, VoiceHost } from './voices/voice.ts';

const TICK_MS = 10;
const PROGRESS_MS = 100;
/** So many clients of a thread may be arriving at a time. */
const MAX_ARRIVING = 64;
const MOST_RECIPIENTS = 4;
/**
 * A client with so many messages under way or held for it gets no more. This is below the 10000 messages that a mailbox
 * takes by default, so that a rate that is too high slows the swarm down, and no message is refused.
 */
const MAX_IN_FLIGHT = 2_000;
const NS_A_MS = 1e6;
/** So many violations are kept in words. */
const MOST_VIOLATIONS = 10;

class SwarmThread implements MemberHost, VoiceHost {
  readonly host: string;
  readonly port: number;
  readonly ratePerSecond: number;
  readonly churnPerSecond: number;
  readonly namesAreProved: boolean;
  readonly counts: Counts = zeroCounts();
  stage: Stage = 'gathering';

  readonly #task: SwarmTask;
  readonly #finish: (outcome: Outcome) => void;
  readonly #names: readonly string[];
  readonly #members: readonly Member[];
  readonly #ledger: Ledger;
  readonly #latency = createHistogram();
  readonly #violations: string[] = [];
  readonly #reader: MailReader;
  readonly #random: JumpableRandomGenerator;
  readonly #timer: NodeJS.Timeout;
  #arriving = 0;
  #lastTickMs: number;
  #lastProgressMs = 0;
  #lastArrivalNs = 0;
  #ended = false;

  constructor(task: SwarmTask, finish: (outcome: Outcome) => void) {
    this.#task = task;
    this.#finish = finish;
    this.host = task.host;
    this.port = task.brokerPort;
    this.ratePerSecond = task.ratePerSecond;
    this.churnPerSecond = task.churnPerSecond;
    this.namesAreProved = task.token !== undefined;
    this.#random = xoroshiro128plus(task.seed);
    // A jump per thread, so that the random numbers of two threads do not overlap.
    for (let i = 0; i < task.thread; i++) this.#random.jump();
    this.#ledger = new Ledger(task.clients, task.tables);
    this.#reader = new MailReader(task.run);
    this.#names = Array.from({ length: task.clients }, (_, index) => clientName(task.run, index));
    this.#members = this.#names
      .map((name, index) => ({ name, index }))
      .filter(({ index }) => index % task.threads === task.thread)
      .map(({ name, index }) => new Member(this, name, index, this.#voice(name, index)));
    this.#lastTickMs = this.nowMs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    task.port.on('message', (message: ToThread) => {
      this.stage = message.stage;
    });
  }

  random(): number {
    return (this.#random.next() >>> 0) / 2 ** 32;
  }

  nowMs(): number {
    return this.#nowNs() / NS_A_MS;
  }

  mayArrive(): boolean {
    if (this.#arriving >= MAX_ARRIVING) return false;
    this.#arriving++;
    return true;
  }

  compose(sender: number): Letter | undefined {
    const { clients } = this.#task;
    const wanted = uniformInt(this.#random, 1, Math.min(MOST_RECIPIENTS, clients - 1));
    const chosen = new Set<number>();
    // Two draws for each recipient, because a draw may repeat one or hit one without room. A line with fewer recipients
    // is sent all the same.
    for (let draws = 2 * wanted; draws > 0 && chosen.size < wanted; draws--) {
      const other = uniformInt(this.#random, 0, clients - 2);
      const recipient = other < sender ? other : other + 1;
      if (this.#ledger.inFlight(recipient) < MAX_IN_FLIGHT) chosen.add(recipient);
    }
    return this.#letter(sender, [...chosen]);
  }

  resolve(sender: number): Letter | undefined {
    return this.#letter(sender, [...this.#ledger.unresolved(sender)].slice(0, MOST_RECIPIENTS));
  }

  doubt(sender: number, { deliveries }: Letter): void {
    this.counts.doubtful += deliveries.length;
    for (const { recipient, number } of deliveries) this.#ledger.doubt(sender, recipient, number);
  }

  violated(what: string): void {
    this.counts.violations++;
    if (this.#violations.length < MOST_VIOLATIONS) this.#violations.push(what);
  }

  mail(line: string, recipient: number, connectedAtMs: number): void {
    const mail = this.#reader.read(line, recipient);
    const arrival = mail === undefined ? 'never sent' : this.#ledger.arrived(mail.sender, recipient, mail.number);
    if (mail === undefined || arrival === 'never sent') {
      this.counts.strange++;
      return;
    }
    if (arrival === 'repeated') {
      this.counts.repeated++;
      return;
    }
    if (arrival === 'late') this.counts.disordered++;
    const nowNs = this.#nowNs();
    this.#lastArrivalNs = nowNs;
    if (mail.timeNs < connectedAtMs * NS_A_MS) this.counts.arrivedHeld++;
    else {
      this.counts.arrivedLive++;
      this.#latency.record(Math.max(1, nowNs - mail.timeNs));
    }
  }

  fail(reason: string): void {
    this.#end({ kind: 'failed', reason });
  }

  #tick(): void {
    const nowMs = this.nowMs();
    const sinceLastMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    this.#arriving = this.#count('arriving');
    for (const member of this.#members) {
      if (this.#ended) return;
      member.tick(nowMs, sinceLastMs);
    }
    if (this.stage === 'leaving' && this.#count('gone') === this.#members.length) {
      this.#end({
        kind: 'done',
        counts: this.counts,
        settlement: this.#ledger.settlement,
        violations: this.#violations,
        lastArrivalNs: this.#lastArrivalNs,
        latency: this.#latency,
      });
    } else if (nowMs - this.#lastProgressMs >= PROGRESS_MS) {
      this.#lastProgressMs = nowMs;
      this.#task.port.postMessage(this.#progress());
    }
  }

  #progress(): Progress {
    const live = this.#count('live');
    const { sent, arrivedLive, arrivedHeld, doubtful } = this.counts;
    const arrived = arrivedLive + arrivedHeld;
    const complete = live === this.#members.length ? this.#complete() : undefined;
    return { sent, arrived, missing: this.#ledger.missing, doubtful, live, complete };
  }

  /** The stage whose work is done, as all clients are live. */
  #complete(): Progress['complete'] {
    if (this.stage === 'settling') return this.#ledger.hasUnresolved ? undefined : 'settling';
    return this.stage === 'gathering' ? 'gathering' : undefined;
  }

  #voice(name: string, index: number): Voice {
    const { programs, token } = this.#task;
    return index < programs ? new ProgramVoice(this, name, index, token) : new PlainVoice(this, name, index, token);
  }

  #letter(sender: number, recipients: readonly number[]): Letter | undefined {
    if (recipients.length === 0) return undefined;
    const deliveries = recipients.map((recipient) => ({
      recipient,
      number: this.#ledger.nextNumber(sender, recipient),
    }));
    this.counts.lines++;
    this.counts.sent += deliveries.length;
    return letter(deliveries, this.#nowNs(), this.#names);
  }

  #count(at: Member['at']): number {
    let count = 0;
    for (const member of this.#members) if (member.at === at) count++;
    return count;
  }

  #nowNs(): number {
    return Number(process.hrtime.bigint() - this.#task.zeroNs);
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    for (const member of this.#members) member.destroy();
    this.#task.port.close();
    this.#finish(outcome);
  }
}

export default function runThread(task: SwarmTask): Promise<Outcome> {
  return new Promise((resolve) => {
    new SwarmThread(task, resolve);
  });
}
