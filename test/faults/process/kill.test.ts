/** kill -9 at any moment: what was called held is there, in order, and nothing comes that nobody sent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import type { LedgerPeer } from '../../helpers/faults/peer.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const ROUNDS = fastOrLong(4, 50);
const LIMITS = { MAILBOX_MAX_MESSAGES: 'unlimited', MAILBOX_MAX_BYTES: 'unlimited' };
const AWAY = named('away', 30);
const HERE = named('here', 6);
const CHURNERS = named('churner', 6);
const SENDERS = named('sender', 4);
const RECIPIENTS = [...AWAY, ...HERE, ...CHURNERS];
/** In its last life a session waits for no more than this of its notices before it goes on. */
const BURST = 3;

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** Everybody who acts until the broker is gone. */
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

  /** Lets everybody stop; resolves when they have. */
  async end(): Promise<void> {
    this.#killed = true;
    await this.#work;
  }

  /** Session after session: each writes to all, and waits until what it wrote to the absent is called held. */
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
        if (this.#killed) return; // nobody listens any more
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        await sleep(1); // killed, and we have not been told yet
      }
    }
  }
}

it(`after each of ${ROUNDS} kill -9 under load all that was called held arrives, in order, and nothing else twice`, {
  timeout: paced(ROUNDS * 60_000),
}, async () => {
  const choices = new Choices();
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const start = () => FaultBroker.start(folder.path, { ...LIMITS, SHARDS: String(choices.of([1, 2, 3, 4])) });
  for (let round = 0; round < ROUNDS; round++) {
    await using broker = await start();
    // About half of who is away stays away over more than one crash.
    const back = round === 0 ? AWAY : AWAY.filter(() => choices.chance(0.5));
    await peers.visit(broker.port, back);
    expect(
      ledger.faults((name) => back.includes(name)),
      `seed ${choices.seed}, round ${round}`,
    ).toEqual([]);
    const here: LedgerPeer[] = await peers.back(broker.port, HERE);
    expect(here).toHaveLength(HERE.length);
    const load = new Load(peers, broker.port, choices);
    await sleep(paced(choices.between(100, 900)));
    const killed = broker.kill();
    const ended = load.end();
    await killed;
    ledger.crash();
    await ended;
    await peers.ended();
  }
  await using broker = await start();
  await peers.visit(broker.port, RECIPIENTS);
  const { promised, sent } = ledger.totals;
  expect(ledger.faults(), `seed ${choices.seed}, ${JSON.stringify(ledger.totals)}`).toEqual([]);
  expect(promised, `of ${sent} sent`).toBeGreaterThan(ROUNDS * AWAY.length);
});
