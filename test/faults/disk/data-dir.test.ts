/**
 * The data folder of a real broker: its permissions, paths that cannot be one, and damage that LevelDB does not report.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { commandOf } from '../../helpers/programs/build.ts';
import { TestProcess } from '../../helpers/programs/process.ts';

const OTHERS = 0o077;
const AWAY = ['away'];

/** The files of a folder, and the folder itself, to which others than the owner have any permission. */
function openToOthers(folder: string): string[] {
  const all = [folder, ...(readdirSync(folder, { recursive: true }) as string[]).map((file) => join(folder, file))];
  return all.filter((path) => (statSync(path).mode & OTHERS) !== 0);
}

describe('only the owner can read held mail', () => {
  let umask = 0;
  beforeAll(() => {
    umask = process.umask(0o022);
  });
  afterAll(() => {
    process.umask(umask);
  });

  it('in what a broker makes, in what it finds, and in what a repair sets aside', {
    timeout: paced(90_000),
  }, async () => {
    const ledger = new Ledger();
    using outer = temporaryFolder();
    using peers = new Peers(ledger);
    const folder = join(outer.path, 'data');
    {
      await using broker = await FaultBroker.start(folder);
      await peers.visit(broker.port, AWAY);
      expect(openToOthers(folder)).toEqual([]);
      expect(broker.process.stdout).not.toContain('OPEN_TO_OTHERS');
      await broker.terminate();
    }
    for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644);
    chmodSync(folder, 0o755);
    {
      await using broker = await FaultBroker.start(folder);
      expect(openToOthers(folder)).toEqual([]);
      expect(broker.process.stdout).toContain('"code":"STORE_WAS_OPEN_TO_OTHERS"');
      await broker.terminate();
    }
    writeFileSync(join(folder, 'CURRENT'), 'garbage\n');
    const [node = '', ...script] = commandOf('src/tools/cli/mail.ts');
    execFileSync(node, [...script, 'repair', '--data-dir', folder]);
    expect(readdirSync(folder)).toContain('lost');
    expect(openToOthers(folder)).toEqual([]);
  });
});

it.each<[string, string, (outer: string) => void]>([
  ['a file', 'file', (outer) => writeFileSync(join(outer, 'file'), '')],
  ['below a file', 'file/x', (outer) => writeFileSync(join(outer, 'file'), '')],
  ['a link to nothing', 'link', (outer) => symlinkSync('nowhere', join(outer, 'link'))],
  ['too long', 'l'.repeat(300), () => undefined],
  ['in /proc', '/proc/restante', () => undefined],
])(
  'a DATA_DIR that is %s is refused in one line, with exit code 2',
  { timeout: paced(60_000) },
  async (_, name, prepare) => {
    using outer = temporaryFolder();
    prepare(outer.path);
    const folder = name.startsWith('/') ? name : join(outer.path, name);
    await using broker = new TestProcess('src/main.ts', [], { PORT: '0', DATA_DIR: folder });
    expect(await broker.exitCode()).toBe(2);
    expect(broker.stderr).toMatch(/^restante: DATA_DIR [^\n]* cannot be a folder for mail: [^\n]+\n$/);
    expect(broker.stdout).toBe('');
  },
);

/**
 * Flips one bit in the first quarter of LevelDB's log. LevelDB then skips the rest of a block of 32 KiB without an
 * error, and what begins there. So the last groups, whose records count all mail, are not among what is skipped.
 */
function damageLog(folder: string): void {
  const [log = ''] = readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .map((file) => join(folder, file))
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const byte = Buffer.alloc(1);
  const place = statSync(log).size >> 2;
  const file = openSync(log, 'r+');
  readSync(file, byte, 0, 1, place);
  byte[0] = (byte[0] ?? 0) ^ 0x40;
  writeSync(file, byte, 0, 1, place);
  closeSync(file);
}

it('mail that LevelDB skips is reported as missing, and its name gets the rest, and new mail', {
  timeout: paced(90_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const messages = 300;
  {
    await using broker = await FaultBroker.start(folder.path);
    await peers.visit(broker.port, AWAY);
    // Many groups, because mail in one group with the record that counts it is lost together with that record,
    // unnoticed.
    for (let batch = 0; batch < 15; batch++) {
      const sender = await peers.connect(broker.port, `sender${batch}`);
      for (let i = 0; i < messages / 15; i++) sender.send(AWAY, 200);
      expect(await sender.sawHeld('away')).toBe(true);
    }
    expect(await broker.terminate()).toMatchObject({ code: 0 });
    await peers.ended();
  }
  damageLog(folder.path);
  await using broker = await FaultBroker.start(folder.path);
  expect(broker.process.stdout).toMatch(/"code":"STORE_PASSED_OVER","folder":"[^"]*","reason":"[^"]*Corruption/);
  await broker.process.said('MAIL_MISSING');
  const missing = Number(
    /"code":"MAIL_MISSING"[^\n]*"reason":"(\d+) messages for away"/.exec(broker.process.stdout)?.[1],
  );
  expect(missing).toBeGreaterThan(0);
  const away = await Peer.connect(broker.port);
  const other = await Peer.connect(broker.port);
  away.send('away\n');
  other.send('other\naway: live\n');
  await away.got('from other: live');
  const old = away.received.split('\n').filter((line) => /^from sender\d+: /.test(line));
  expect(old.length).toBe(messages - missing);
  away.destroy();
  other.destroy();
  expect(await broker.terminate()).toMatchObject({ code: 0 });
});
