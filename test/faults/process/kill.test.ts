/**
 * SIGKILL at any moment: all mail that was called held arrives afterwards, in order, and no message arrives that nobody
 * sent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import type { LedgerPeer } from '../../helpers/faults/peer.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

const ROUNDS = fastOrLong(4, 50);
const LIMITS = { MAILBOX_MAX_MESSAGES: 'unlimited', MAILBOX_MAX_BYTES: 'unlimited' };
const AWAY = named('away', 30);
const HERE = named('here', 6);
const CHURNERS = named('churner', 6);
const SENDERS = named('sender', 4);
const RECIPIENTS = [...AWAY, ...HERE, ...CHURNERS];
/** A session sends this many rounds at most before it waits for its notices. */
const BURST = 3;

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** The peers that send and come and go until the broker is killed. */
class Load {
  readonly #peers: Peers;
  readonly #port: number;
  readonly #choices: Choices;
  #killed = false;
  readonly #work: Promise<unknown>;

  constructor(peers: Peers, port: number, choices: Choices) {
    this.#peers = peers;
    this.#port = port;
    this.#choices = choices;
    this.#work = Promise.all([
      ...SENDERS.map((name) => this.#sender(name)),
      ...CHURNERS.map((name) => this.#churn(name)),
    ]);
  }

  /** Tells all peers to stop. Resolves when they have. */
  async end(): Promise<void> {
    this.#killed = true;
    await this.#work;
  }

  /**
   * Runs one session after another. Each writes to all names, and waits until its mail for the absent is called held.
   */
  async #sender(name: string): Promise<void> {
    await this.#whileAlive(async () => {
      const peer = await this.#peers.connect(this.#port, name);
      for (let burst = 0; burst < BURST; burst++) peer.send(RECIPIENTS, this.#choices.of([16, 100, 2_000]));
      for (const away of AWAY) await peer.sawHeld(away);
      await peer.leave();
    });
  }

  async #churn(name: string): Promise<void> {
    await this.#whileAlive(async () => {
      const peer = await this.#peers.connect(this.#port, name);
      await peer.mark();
      if (this.#choices.chance(0.3)) peer.reset();
      else await peer.leave();
      await peer.ended();
      await sleep(this.#choices.between(0, 30)); // time to be missed
    });
  }

  async #whileAlive(step: () => Promise<void>): Promise<void> {
    while (!this.#killed) {
      try {
        await step();
      } catch (error) {
        if (this.#killed) return; // the broker is gone
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        await sleep(1); // killed, and we have not been told yet
      }
    }
  }
}

it(`after each of ${ROUNDS} kills under load all mail that was called held arrives in order, and nothing else twice`, {
  timeout: paced(ROUNDS * 60_000),
}, async () => {
  const choices = new Choices();
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const start = () => FaultBroker.start(folder.path, { ...LIMITS, SHARDS: String(choices.of([1, 2, 3, 4])) });
  for (let round = 0; round < ROUNDS; round++) {
    await using broker = await start();
    // About half of the absent names stay away over more than one crash.
    const back = round === 0 ? AWAY : AWAY.filter(() => choices.chance(0.5));
    await peers.visit(broker.port, back);
    expect(
      ledger.faults((name) => back.includes(name)),
      `seed ${choices.seed}, round ${round}`,
    ).toEqual([]);
    const here: LedgerPeer[] = await peers.back(broker.port, HERE);
    expect(here).toHaveLength(HERE.length);
    // A kill shows nothing unless mail is called held before it.
    const due = ledger.totals.promised + AWAY.length;
    const load = new Load(peers, broker.port, choices);
    await until(() => ledger.totals.promised >= due, 'mail to be called held');
    await sleep(paced(choices.between(0, 800)));
    const killed = broker.kill();
    const ended = load.end();
    await killed;
    ledger.crash();
    await ended;
    await peers.ended();
  }
  await using broker = await start();
  await peers.visit(broker.port, RECIPIENTS);
  expect(ledger.faults(), `seed ${choices.seed}, ${JSON.stringify(ledger.totals)}`).toEqual([]);
});
