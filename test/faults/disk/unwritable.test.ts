/**
 * A folder without write permission: a start is refused, and a running broker calls no mail held that is not stored.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, type TestContext } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { PingPong } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { Patience, paced } from '../../helpers/pace/pace.ts';
import { TestProcess } from '../../helpers/programs/process.ts';

const NOBODY = 65534;
const ROOT = process.getuid?.() === 0;
const MAIN = ROOT ? 'test/helpers/faults/children/as-nobody.ts' : 'src/main.ts';
const AWAY = Array.from({ length: 20 }, (_, i) => `away${i}`);
/** Large messages, because the store can still write some megabytes to the file that it has open. */
const LARGE = 40_000;
const NOTICED_MS = 15_000;
/** How long a sender waits to learn whether its message is held or refused. */
const UNDECIDED_MS = 500;
const SETTINGS = { DRAIN_SECONDS: String(paced(3)), MAILBOX_MAX_BYTES: 'unlimited' };

/** A folder that belongs to the user of the broker. Skips the test if that user cannot read the broker's code. */
function ownFolder(context: TestContext, outer: string): string {
  const path = join(outer, 'data');
  mkdirSync(path);
  if (!ROOT) return path;
  chmodSync(outer, 0o755);
  chownSync(path, NOBODY, NOBODY);
  try {
    execFileSync(process.execPath, ['--import', 'tsx', '-e', '0'], { uid: NOBODY, gid: NOBODY, stdio: 'pipe' });
  } catch (error) {
    context.skip(`the user nobody cannot run the broker here: ${error}`);
  }
  return path;
}

/** Takes the write permission from the broker's user, or gives it back. */
function mayWrite(folder: string, may: boolean): void {
  if (ROOT) chownSync(folder, may ? NOBODY : 0, may ? NOBODY : 0);
  chmodSync(folder, may ? 0o755 : 0o555);
}

it('a start on a folder without write permission is refused in one line that names DATA_DIR, with exit code 1', {
  timeout: paced(300_000),
}, async (context) => {
  using outer = temporaryFolder();
  const folder = ownFolder(context, outer.path);
  mayWrite(folder, false);
  await using broker = new TestProcess(MAIN, [], { PORT: '0', DATA_DIR: folder });
  expect(await broker.exitCode()).toBe(1);
  expect(broker.stderr).toMatch(/^restante: DATA_DIR [^\n]* cannot be written [^\n]*\n$/);
  expect(broker.stderr).toContain(folder);
  expect(broker.stdout).toBe('');
});

it('a folder that loses write permission: live mail goes on, and all mail that is called held is there afterwards', {
  timeout: paced(300_000),
}, async (context) => {
  const ledger = new Ledger({ mayRefuse: true });
  using outer = temporaryFolder();
  using peers = new Peers(ledger);
  const folder = ownFolder(context, outer.path);
  {
    await using broker = await FaultBroker.start(folder, SETTINGS, MAIN);
    await peers.visit(broker.port, AWAY);
    const game = await PingPong.start(peers, broker.port, 'live');
    mayWrite(folder, false);
    const patience = new Patience(NOTICED_MS);
    let refused = false;
    while (!refused) {
      if (patience.over) throw new Error('nothing was refused');
      const sender = await peers.connect(broker.port, 'sender');
      sender.send(AWAY, LARGE);
      const answers = Promise.all(AWAY.map((away) => Promise.race([sender.sawHeld(away), sender.sawRefused(away)])));
      answers.catch(() => undefined); // mail that was being stored when the store failed is neither
      await Promise.race([answers, sleep(paced(UNDECIDED_MS))]);
      refused = sender.notices.filter((notice) => notice.includes('cannot be stored')).length === AWAY.length;
      await sender.leave();
    }
    await game.stop(10);
    // Chat also begins and goes on after the store has failed.
    const later = await PingPong.start(peers, broker.port, 'later');
    await later.stop(10);
    // Mail that was being stored when the store failed was neither held nor refused. It is lost, and the broker says
    // so.
    expect(await broker.terminate()).toMatchObject({ code: 1 });
    expect(broker.process.stdout).toContain('is lost');
    await peers.ended();
    ledger.restart();
    mayWrite(folder, true);
  }
  await using broker = await FaultBroker.start(folder, SETTINGS, MAIN);
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
  expect(ledger.totals.promised).toBeGreaterThan(AWAY.length);
  expect(ledger.totals.repeated).toBe(0);
});
