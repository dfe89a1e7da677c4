/** A full disk: new mail is refused with a notice, held mail stays, and everything else goes on. */
import { expect, it, type TestContext } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong } from '../../helpers/faults/chat.ts';
import { SmallDisk } from '../../helpers/faults/disk.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { round, roundsUntil } from '../../helpers/faults/outcome.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import { TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

const DISK_MIB = 24;
const CYCLES = fastOrLong(2, 15);
const KILLS = fastOrLong(1, 10);
const AWAY = Array.from({ length: 20 }, (_, i) => `away${i}`);
/** The absent names that come back while the disk is full. */
const VISITORS = AWAY.slice(0, 5);
const BYTES = 1_500;
const DRAIN_SECONDS = paced(3);
const GRACE_SECONDS = 1;
const NEARLY_BYTES = 40_000;
const LARGE_BYTES = 60_000;
const INODES = 200;

interface Scene extends Disposable {
  readonly disk: SmallDisk;
  readonly folder: string;
  readonly ledger: Ledger;
  readonly peers: Peers;
  start(settings?: Readonly<Record<string, string>>): Promise<FaultBroker>;
}

/** A disk, a ledger and peers. Skips the test with a reason if no disk can be mounted. */
function scene(context: TestContext, inodes?: number): Scene {
  const disk = SmallDisk.mount(DISK_MIB, inodes);
  if (typeof disk === 'string') return context.skip(disk);
  const ledger = new Ledger({ mayRefuse: true });
  const peers = new Peers(ledger);
  const folder = `${disk.path}/data`;
  return {
    disk,
    folder,
    ledger,
    peers,
    start: (settings = {}) =>
      FaultBroker.start(folder, { SHARDS: '2', DRAIN_SECONDS: String(DRAIN_SECONDS), ...settings }),
    [Symbol.dispose]: () => {
      peers[Symbol.dispose]();
      disk[Symbol.dispose]();
    },
  };
}

/** How many messages were refused because of the disk, from the log. */
function refusedInAll(log: string): number {
  return Number(/"the store cannot be written":(\d+)[^\n]*"msg":"drained"/.exec(log)?.[1] ?? 0);
}

it(`of mail for absent names, each message is delivered once or refused with a notice, over ${CYCLES} times of a full disk`, {
  timeout: paced(CYCLES * 120_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  let refused = 0;
  {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      disk.fill();
      const game = await PingPong.start(peers, broker.port, `live${cycle}`);
      await roundsUntil('refused', peers, broker.port, AWAY, BYTES);
      await game.stop(10); // live delivery must go on
      // A peer that comes now gets its held mail. Mail that was being stored when the disk became full may make it
      // wait.
      const visitors = await Promise.all(VISITORS.map((name) => peers.connect(broker.port, name)));
      disk.free();
      await Promise.all(visitors.map((peer) => peer.mark()));
      await Promise.all(visitors.map((peer) => peer.leave()));
      await roundsUntil('held', peers, broker.port, AWAY, BYTES);
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

it(`mail that was called held survives ${KILLS} kills while the disk is full`, {
  timeout: paced(KILLS * 120_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  for (let kill = 0; kill < KILLS; kill++) {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    expect(ledger.faults()).toEqual([]);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    await round(peers, broker.port, AWAY, BYTES);
    disk.fill();
    await roundsUntil('refused', peers, broker.port, AWAY, BYTES);
    await broker.kill();
    ledger.crash();
    await peers.ended();
    disk.free();
  }
  await using broker = await at.start();
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
});

it('SIGTERM while the disk is full: the broker stops in time, reports lost mail with exit code 1, and loses none that was called held', {
  timeout: paced(300_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  {
    await using broker = await at.start();
    await peers.visit(broker.port, AWAY);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    await round(peers, broker.port, AWAY, BYTES);
    disk.fill();
    await roundsUntil('refused', peers, broker.port, AWAY, BYTES);
    const { code, seconds } = await broker.terminate();
    // Mail that was being stored when the disk became full was neither held nor refused. It is lost, and the broker
    // says so.
    expect(code).toBe(1);
    expect(broker.process.stdout).toContain('is lost');
    expect(seconds).toBeLessThan(DRAIN_SECONDS + pacedNow(GRACE_SECONDS));
    await peers.ended();
    ledger.restart();
  }
  {
    // The store decides whether there is room enough to start. If not, the broker says so in one line.
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

it('a disk that is nearly full: mail is refused, and held mail can be fetched', {
  timeout: paced(120_000),
}, async (context) => {
  using at = scene(context);
  const { disk, ledger, peers } = at;
  await using broker = await at.start({ LOG_LEVEL: 'debug' });
  await peers.visit(broker.port, AWAY);
  // Fills the disk until the store cannot be opened again, though some room is left.
  for (let i = 0; i < 2; i++) await roundsUntil('held', peers, broker.port, AWAY, NEARLY_BYTES);
  disk.fill();
  await roundsUntil('refused', peers, broker.port, AWAY, NEARLY_BYTES);
  disk.free(1.25);
  const trials = () => broker.process.stdout.split('the store stays as it is').length;
  const before = trials();
  await until(() => trials() > before + 2, 'the store to be tried again');
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
  disk.free();
  await roundsUntil('held', peers, broker.port, AWAY, BYTES);
  await peers.visit(broker.port, AWAY);
  expect(await broker.terminate()).toMatchObject({ code: 0 });
  expect(ledger.faults()).toEqual([]);
});

it('a disk without inodes: mail is refused, held mail can be fetched, and mail is held again when there are inodes', {
  timeout: paced(120_000),
}, async (context) => {
  using at = scene(context, INODES);
  const { disk, ledger, peers } = at;
  await using broker = await at.start({ LOG_LEVEL: 'debug' });
  await peers.visit(broker.port, AWAY);
  await roundsUntil('held', peers, broker.port, AWAY, BYTES);
  disk.fillInodes();
  // Open files can be written until LevelDB needs a new one.
  await roundsUntil('refused', peers, broker.port, AWAY, LARGE_BYTES);
  const trials = () => broker.process.stdout.split('the store stays as it is').length;
  const before = trials();
  await until(() => trials() > before + 2, 'the store to be tried again');
  await peers.visit(broker.port, VISITORS);
  disk.freeInodes();
  await roundsUntil('held', peers, broker.port, AWAY, BYTES);
  await peers.visit(broker.port, AWAY);
  expect(await broker.terminate()).toMatchObject({ code: 0 });
  expect(ledger.faults()).toEqual([]);
});
