/**
 * SIGKILL while programs crash and come back: what was called held is worked off afterwards, once and in order. What
 * was called taken may be lost, because it is in memory alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Programs } from '../../helpers/faults/program-peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

const ROUNDS = fastOrLong(4, 25);
const LIMITS = { MAILBOX_MAX_MESSAGES: 'unlimited', MAILBOX_MAX_BYTES: 'unlimited' };
const AWAY = named('away', 20);
const HERE = named('here', 4);
const CHURNERS = named('churner', 6);
const SENDERS = named('sender', 3);
const RECIPIENTS = [...AWAY, ...HERE, ...CHURNERS];
/** A sender sends this many rounds at most before it waits for the outcomes. */
const BURST = 3;

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** The programs that send, and those that come and go, until the broker is killed. */
class Load {
  readonly #programs: Programs;
  readonly #port: number;
  #killed = false;
  readonly #work: Promise<unknown>;

  constructor(programs: Programs, port: number) {
    this.#programs = programs;
    this.#port = port;
    this.#work = Promise.all([
      ...SENDERS.map((name) => this.#whileAlive(() => this.#send(name))),
      ...CHURNERS.map((name) => this.#whileAlive(() => this.#churn(name))),
    ]);
  }

  /** Tells all programs to stop. Resolves when they have. */
  async end(): Promise<void> {
    this.#killed = true;
    await this.#work;
  }

  /** One session of a sender. Some end before all outcomes are there. */
  async #send(name: string): Promise<void> {
    const { choices } = this.#programs;
    const program = await this.#programs.connect(this.#port, name);
    for (let burst = 0; burst < BURST; burst++) program.send(RECIPIENTS, choices.of([16, 100, 2_000]));
    if (choices.chance(0.2)) {
      program.crash();
      return;
    }
    await program.answered();
    await program.leave();
  }

  async #churn(name: string): Promise<void> {
    const { choices } = this.#programs;
    const program = await this.#programs.connect(this.#port, name);
    await program.caughtUp();
    if (choices.chance(0.6)) program.crash();
    else await program.leave();
    await sleep(choices.between(0, 30)); // time to be missed
  }

  async #whileAlive(step: () => Promise<void>): Promise<void> {
    while (!this.#killed) {
      try {
        await step();
      } catch (error) {
        if (this.#killed) return; // the broker is gone
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ECONNREFUSED' && code !== 'ECONNRESET') throw error;
        await sleep(1); // killed, and we have not been told yet
      }
    }
  }
}

it(`after each of ${ROUNDS} kills programs work off once, and in order, what was called held`, {
  timeout: paced(ROUNDS * 60_000),
}, async () => {
  const choices = new Choices();
  // Each message has its own outcome, which says nothing about others.
  const ledger = new Ledger({ mayRefuse: true });
  using folder = temporaryFolder();
  using programs = new Programs(ledger, choices);
  const start = () => FaultBroker.start(folder.path, { ...LIMITS, SHARDS: String(choices.of([1, 2, 3, 4])) });
  for (let round = 0; round < ROUNDS; round++) {
    await using broker = await start();
    // About half of the absent names stay away over more than one crash.
    const back = round === 0 ? RECIPIENTS : AWAY.filter(() => choices.chance(0.5));
    await programs.visit(broker.port, back);
    expect(
      ledger.faults((name) => back.includes(name)),
      `seed ${choices.seed}, round ${round}`,
    ).toEqual([]);
    for (const name of HERE) await (await programs.connect(broker.port, name)).caughtUp();
    // A kill shows nothing unless mail is called held before it.
    const due = ledger.totals.promised + AWAY.length;
    const load = new Load(programs, broker.port);
    await until(() => ledger.totals.promised >= due, 'mail to be called held');
    await sleep(paced(choices.between(0, 800)));
    const killed = broker.kill();
    const ended = load.end();
    await killed;
    await programs.ended();
    ledger.crash();
    await ended;
  }
  await using broker = await start();
  await programs.visit(broker.port, RECIPIENTS);
  expect(ledger.faults(), `seed ${choices.seed}, ${JSON.stringify(ledger.totals)}`).toEqual([]);
  expect(programs.dropped).toBeGreaterThan(0);
  expect(programs.reusedAfterKill).toBe(0);
});

it('after a kill no seq is given again', async () => {
  using folder = temporaryFolder();
  using programs = new Programs(new Ledger(), new Choices());
  for (let life = 0; life < 2; life++) {
    await using broker = await FaultBroker.start(folder.path);
    await (await programs.connect(broker.port, 'bob')).caughtUp();
    await broker.kill();
    await programs.ended();
    programs.ledger.crash();
  }
  expect(programs.reusedAfterKill).toBe(0);
});
