/** A full disk: nothing new is held, and that is said; all that was called held stays; all else goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, type TestContext } from 'vitest';
import { FaultBroker, fastOrLong } from '../helpers/faults-broker.ts';
import { PingPong } from '../helpers/faults-chat.ts';
import { SmallDisk } from '../helpers/faults-disk.ts';
import { Ledger } from '../helpers/faults-ledger.ts';
import { type LedgerPeer, Peers } from '../helpers/faults-peer.ts';
import { Patience, paced, pacedNow } from '../helpers/pace.ts';
import { TestProcess } from '../helpers/process.ts';

const DISK_MIB = 24;
const CYCLES = fastOrLong(2, 15);
const KILLS = fastOrLong(1, 10);
const AWAY = Array.from({ length: 20 }, (_, i) => `away${i}`);
/** Those of them who come back while the disk is full. */
const VISITORS = AWAY.slice(0, 5);
const BYTES = 1_500;
/** How long a message may be neither held nor refused before its sender gives up to learn which. */
const UNDECIDED_MS = 300;
/** How soon mail must be held again when there is room, and how long it may take until a full disk is noticed. */
const NOTICED_MS = 10_000;
const DRAIN_SECONDS = paced(3);
const GRACE_SECONDS = 1;

type Outcome = 'held' | 'refused' | 'undecided';

interface Scene extends Disposable {
  readonly disk: SmallDisk;
  readonly folder: string;
  readonly ledger: Ledger;
  readonly peers: Peers;
  start(): Promise<FaultBroker>;
}

/** A disk, a ledger and peers; skips the test with the reason where there can be no disk. */
function scene(context: TestContext): Scene {
  const disk = SmallDisk.mount(DISK_MIB);
  if (typeof disk === 'string') return context.skip(disk);
  const ledger = new Ledger({ mayRefuse: true });
  const peers = new Peers(ledger);
  const folder = `${disk.path}/data`;
  return {
    disk,
    folder,
    ledger,
    peers,
    start: () => FaultBroker.start(folder, { SHARDS: '2', DRAIN_SECONDS: String(DRAIN_SECONDS) }),
    [Symbol.dispose]: () => {
      peers[Symbol.dispose]();
      disk[Symbol.dispose]();
    },
  };
}

async function outcome(peer: LedgerPeer, away: string): Promise<Outcome> {
  const held = peer.sawHeld(away).then((seen): Outcome => (seen ? 'held' : 'undecided'));
  const refused = peer.sawRefused(away).then((seen): Outcome => (seen ? 'refused' : 'undecided'));
  for (const wait of [held, refused]) wait.catch(() => undefined); // one of the two never comes
  return Promise.race([held, refused, sleep(paced(UNDECIDED_MS), 'undecided' as const)]);
}

/** One message to each of the absent, in a session of its own. @returns what the broker said became of them */
async function round({ peers }: Scene, port: number): Promise<readonly Outcome[]> {
  const peer = await peers.connect(port, 'sender');
  peer.send(AWAY, BYTES);
  const outcomes = await Promise.all(AWAY.map((away) => outcome(peer, away)));
  await peer.leave();
  return outcomes;
}

/** Rounds until all messages of one have this outcome. */
async function roundsUntil(scene: Scene, port: number, wanted: Outcome): Promise<void> {
  const patience = new Patience(NOTICED_MS);
  for (;;) {
    const outcomes = await round(scene, port);
    if (outcomes.every((each) => each === wanted)) return;
    if (patience.over) throw new Error(`not all mail is ${wanted} in time: ${outcomes.join(' ')}`);
  }
}

/** What the log says was refused because the disk was full. */
function refusedInAll(log: string): number {
  return Number(/"the store cannot be written":(\d+)[^\n]*"msg":"drained"/.exec(log)?.[1] ?? 0);
}

it(`of mail for the absent over ${CYCLES} times of a full disk, each message is delivered once or refused with a notice`, {
  timeout: paced(CYCLES * 120_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  let refused = 0;
  {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    await roundsUntil(at, broker.port, 'held');
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      disk.fill();
      const game = await PingPong.start(peers, broker.port, `live${cycle}`);
      await roundsUntil(at, broker.port, 'refused');
      await game.stop(10); // live delivery goes on
      // Who comes now gets what was held. What was being stored when the disk became full may keep it waiting.
      const visitors = await Promise.all(VISITORS.map((name) => peers.connect(broker.port, name)));
      disk.free();
      await Promise.all(visitors.map((peer) => peer.mark()));
      await Promise.all(visitors.map((peer) => peer.leave()));
      await roundsUntil(at, broker.port, 'held');
    }
    expect(await broker.terminate()).toMatchObject({ code: 0 });
    refused = refusedInAll(broker.process.stdout);
    await peers.ended();
    ledger.restart();
  }
  expect(refused).toBeGreaterThanOrEqual(CYCLES * AWAY.length);
  await using broker = await at.start();
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
  const { arrived, sent, repeated } = ledger.totals;
  expect(arrived + refused).toBe(sent);
  expect(repeated).toBe(0);
});

it(`what was called held survives ${KILLS} kill -9 while the disk is full`, {
  timeout: paced(KILLS * 120_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  for (let kill = 0; kill < KILLS; kill++) {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    expect(ledger.faults()).toEqual([]);
    await roundsUntil(at, broker.port, 'held');
    await round(at, broker.port);
    disk.fill();
    await roundsUntil(at, broker.port, 'refused');
    await broker.kill();
    ledger.crash();
    await peers.ended();
    disk.free();
  }
  await using broker = await at.start();
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
});

it('SIGTERM while the disk is full: it ends in time, says what is lost with exit code 1, and that is nothing that was called held', {
  timeout: paced(300_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    await roundsUntil(at, broker.port, 'held');
    await round(at, broker.port);
    disk.fill();
    await roundsUntil(at, broker.port, 'refused');
    const { code, seconds } = await broker.terminate();
    // What was being stored when the disk became full was neither held nor refused. It is lost, and that is said.
    expect(code).toBe(1);
    expect(broker.process.stdout).toContain('is lost');
    expect(seconds).toBeLessThan(DRAIN_SECONDS + pacedNow(GRACE_SECONDS));
    await peers.ended();
    ledger.restart();
  }
  {
    // Whether there is room enough to come up is the store's to say; if there is not, in one line.
    await using tight = new TestProcess('src/main.ts', [], { PORT: '0', DATA_DIR: at.folder });
    await Promise.race([tight.exitCode(), tight.said('try it: nc').catch(() => undefined)]);
    if (!tight.running) {
      expect(await tight.exitCode()).toBe(1);
      expect(tight.stderr).toMatch(/^restante: DATA_DIR [^\n]+\n$/);
      expect(tight.stderr).not.toContain('damaged');
    }
  }
  disk.free();
  await using broker = await at.start();
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
});
