/** A store belongs to one broker. A second one is refused, and the first is not affected. */
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { TestProcess } from '../../helpers/programs/process.ts';

it('a second broker on the same DATA_DIR is refused in one line with exit code 1, and the first goes on', {
  timeout: paced(300_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  {
    await using first = await FaultBroker.start(folder.path);
    await peers.visit(first.port, ['away']);
    const alice = await peers.connect(first.port, 'alice');
    alice.send(['away']);
    expect(await alice.sawHeld('away')).toBe(true);

    await using second = new TestProcess('src/main.ts', [], { PORT: '0', DATA_DIR: folder.path });
    expect(await second.exitCode()).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toMatch(/^restante: DATA_DIR [^\n]* is in use by another broker[^\n]*\n$/);
    expect(second.stderr).toContain(folder.path);

    const bob = await peers.connect(first.port, 'bob');
    await bob.mark();
    alice.send(['away', 'bob']);
    await alice.mark();
    ledger.read('alice');
    await peers.visit(first.port, ['away']);
    await bob.leave();
    expect(ledger.faults()).toEqual([]);
    alice.send(['away']);
    await alice.leave();
    ledger.read('alice');
    expect(await first.terminate()).toMatchObject({ code: 0 });
    ledger.restart();
  }
  await using third = await FaultBroker.start(folder.path);
  await peers.visit(third.port, ['away']);
  expect(ledger.faults()).toEqual([]);
});
