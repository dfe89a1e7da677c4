/** A peer vanishes behind a relay that closes nothing. The mail that the system did not take for it waits. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

const COUNT = 400;
const LARGE = 50_000;
/** More than the buffers of any system take for one connection. */
const TAKEN_AT_MOST = 10 * 1024 * 1024;
const SETTINGS = { MAILBOX_MAX_BYTES: 'unlimited', DRAIN_SECONDS: String(paced(2)) };

/** A relay for one connection. From `swallow` on it drops all bytes, and tells neither side. */
class Relay implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
  readonly #target: number;
  #near: Socket | undefined;
  #far: Socket | undefined;

  private constructor(target: number) {
    this.#target = target;
  }

  static async start(target: number): Promise<Relay> {
    const relay = new Relay(target);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on all bytes are dropped, and no side is closed. */
  swallow(): void {
    this.#near?.unpipe();
    this.#far?.unpipe();
    this.#far?.pause();
    this.#near?.resume();
  }

  /** Resets the connection to the broker. */
  reset(): void {
    this.#far?.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#near?.destroy();
    this.#far?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far, { end: false });
    far.pipe(near, { end: false });
    this.#near = near;
    this.#far = far;
  }
}

/** Connects until the peer gets the name, because a reset takes a moment to reach the broker. */
async function firstOfName(port: number, name: string, ledger: Ledger): Promise<LedgerPeer> {
  for (;;) {
    const peer = await LedgerPeer.connect(port, name, ledger);
    void peer.mark();
    await until(() => peer.notices.length > 0 || peer.marked, 'an answer');
    if (peer.notices.length === 0) return peer;
    await peer.leave();
  }
}

it('the mail of a peer that vanished waits, and its name is free when its connection breaks', {
  timeout: paced(300_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  await using broker = await FaultBroker.start(folder.path, SETTINGS);
  await using relay = await Relay.start(broker.port);
  {
    using bob = await LedgerPeer.back(relay.port, 'bob', ledger);
    const [alice] = (await peers.back(broker.port, ['alice'])) as [LedgerPeer];
    alice.send(['bob']);
    await bob.more();
    relay.swallow();
  }
  const [alice] = (await peers.back(broker.port, ['alice2'])) as [LedgerPeer];
  for (let i = 0; i < COUNT; i++) {
    alice.send(['bob'], LARGE);
    if (i % 10 === 9) await alice.mark();
  }
  expect(alice.notices).toEqual([]);
  const second = await peers.connect(broker.port, 'bob');
  expect(await second.saw('* bob is taken: you wait until it is free')).toBe(true);
  await second.leave();

  relay.reset();
  using again = await firstOfName(broker.port, 'bob', ledger);
  await again.mark();
  const numbers = ledger.arrived('alice2', 'bob');
  const [from = COUNT] = numbers;
  expect(numbers).toEqual(Array.from({ length: COUNT - from }, (_, i) => from + i));
  expect(from * LARGE).toBeLessThan(TAKEN_AT_MOST);
  expect(ledger.arrived('alice', 'bob')).toEqual([0]);
  expect(ledger.faults()).toEqual([]);
});
