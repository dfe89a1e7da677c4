/** The plain session, byte for byte: plays the recorded scenarios over real sockets. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../helpers/broker.ts';
import type { Peer } from '../helpers/peer.ts';

type Step =
  | { connect: string }
  | { send: string; text: string; split?: boolean }
  | { send: string; hex: string; split?: boolean }
  | { end: string }
  | { close: string };

interface Scenario {
  readonly name: string;
  readonly why: string;
  readonly steps: readonly Step[];
  readonly received: Readonly<Record<string, string>>;
  readonly closed: readonly string[];
}

const scenarios = JSON.parse(
  readFileSync(new URL('../fixtures/tutorial.json', import.meta.url), 'utf8'),
) as readonly Scenario[];

class Player {
  readonly #broker: TestBroker;
  readonly #peers = new Map<string, Peer>();
  readonly #closedByUs = new Set<string>();

  constructor(broker: TestBroker) {
    this.#broker = broker;
  }

  async play(scenario: Scenario): Promise<Pick<Scenario, 'received' | 'closed'>> {
    for (const step of scenario.steps) {
      await this.#take(step);
      await this.#broker.quiet();
    }
    const peers = [...this.#peers];
    return {
      received: Object.fromEntries(peers.map(([name, peer]) => [name, peer.received])),
      closed: peers.filter(([name, peer]) => peer.sawEnd && !this.#closedByUs.has(name)).map(([name]) => name),
    };
  }

  async #take(step: Step): Promise<void> {
    if ('connect' in step) this.#peers.set(step.connect, await this.#broker.connect());
    else if ('send' in step) await this.#send(step);
    else if ('end' in step) this.#peer(step.end).end();
    else {
      this.#closedByUs.add(step.close);
      await this.#peer(step.close).leave();
    }
  }

  async #send(step: Extract<Step, { send: string }>): Promise<void> {
    const bytes = 'hex' in step ? Buffer.from(step.hex, 'hex') : Buffer.from(step.text);
    const peer = this.#peer(step.send);
    if (step.split !== true) peer.send(bytes);
    else {
      for (let i = 0; i < bytes.length; i++) {
        peer.send(bytes.subarray(i, i + 1));
        await this.#broker.quiet();
      }
    }
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`no connection ${name}`);
    return peer;
  }
}

describe.each([1, 2, 5])('with %i shards', (shards) => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startBroker({ SHARDS: shards, HOLD_SECONDS: 0, NOTICES: 'off', STRICT: 'off' });
  });
  afterEach(() => broker.clear());
  afterAll(() => broker[Symbol.asyncDispose]());

  it.each(scenarios)('$name: $why', async (scenario) => {
    const outcome = await new Player(broker).play(scenario);
    expect(outcome).toEqual({ received: scenario.received, closed: scenario.closed });
  });
});

it('plays all 31 recordings', () => {
  expect(scenarios).toHaveLength(31);
});
