/** SIGHUP reloads where there is a file of settings, and stops where there is none. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { Peer } from '../../../helpers/peer.ts';
import { BROKER, Program } from '../../../helpers/programs/program.ts';
import { until } from '../../../helpers/until.ts';

const STORM = 100;

interface Started {
  readonly broker: Program;
  readonly file: string;
  readonly alice: Peer;
}

/** Runs `test` with a broker that has a file of settings, and a peer of it. */
async function withBroker(
  command: readonly string[],
  env: Record<string, string>,
  test: (started: Started) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'restante.toml');
  writeFileSync(file, 'PORT = 9\nMAX_DESTINATIONS = 5\n');
  await using broker = new Program([...command, '--config', file], { env });
  const alice = await Peer.connect(await broker.port());
  alice.send('alice\n');
  await alice.got('* you are alice\n');
  await test({ broker, file, alice });
  expect(alice.closed || alice.sawEnd).toBe(false);
  broker.signal('SIGTERM');
  expect(await broker.ended(), broker.stderr).toBe(0);
  alice.destroy();
}

/** The process of a broker. npm is beside it, and passes no SIGHUP on. */
function brokerOf({ pid }: Program, [command]: readonly string[]): number {
  if (command !== 'npm') return pid;
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
}

const reloads = ({ stdout }: Program) => stdout.match(/the settings were read again/g)?.length ?? 0;

describe('SIGHUP with a file of settings', () => {
  it.each([
    ['the broker', BROKER],
    ['npm start', ['npm', 'start', '--silent', '--']],
  ] as const)('has %s read it again, and ends nothing', async (_what, command) => {
    await withBroker(command, {}, async ({ broker, file, alice }) => {
      const hangUp = () => process.kill(brokerOf(broker, command), 'SIGHUP');
      // The port of the environment is in force, and stays so.
      writeFileSync(file, 'PORT = 10\nMAX_DESTINATIONS = 6\nMAX_LINE_BYTES = 100\n');
      hangUp();
      await broker.said('the settings were read again: MAX_DESTINATIONS from 5 to 6; after a restart: MAX_LINE_BYTES');
      expect(broker.stdout).not.toContain('PORT from');
      writeFileSync(`${file}.new`, 'MAX_DESTINATIONS = true\n');
      renameSync(`${file}.new`, file);
      hangUp();
      await broker.said('restante.toml:1:20: MAX_DESTINATIONS is true');
      expect(broker.stdout).toContain('"code":"RELOAD_FAILED"');
      alice.send('alice: still here\n');
      await alice.got('from alice: still here\n');
    });
  });

  it('may come a hundred times in a second, and with the other signals', async () => {
    await withBroker(BROKER, {}, async ({ broker, file, alice }) => {
      for (let number = 0; number < STORM; number++) {
        writeFileSync(`${file}.new`, `MAX_DESTINATIONS = ${10 + number}\n`);
        renameSync(`${file}.new`, file);
        broker.signal('SIGHUP');
        if (number % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      // Whatever was left out, the last one counts.
      await broker.said(` to ${10 + STORM - 1}`);
      expect(reloads(broker)).toBeLessThanOrEqual(STORM);
      alice.send('alice: still here\n');
      await alice.got('from alice: still here\n');
    });
  });

  it('is heard from the first line on: one that comes during the start is a reload after it', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'r.toml');
    writeFileSync(file, 'LOG_LEVEL = "info"\n');
    await using broker = new Program(BROKER, { env: { RESTANTE_CONFIG: file } });
    await broker.hears();
    broker.signal('SIGHUP');
    await broker.port();
    await broker.said('the settings were read again: nothing has changed');
    // While it stops, it is no second signal.
    broker.signal('SIGTERM');
    await broker.said('"stopping"');
    broker.signal('SIGHUP');
    expect(await broker.ended()).toBe(0);
  });
});

describe('SIGHUP without one', () => {
  it.each([
    ['the broker', BROKER, {}],
    ['the broker, whose variable is empty', BROKER, { RESTANTE_CONFIG: '' }],
    ['npm start', ['npm', 'start', '--silent'], {}],
  ] as const)('stops %s in order', async (_what, command, env) => {
    await using broker = new Program(command, { env });
    const alice = await Peer.connect(await broker.port());
    alice.send('alice\n');
    await alice.got('* you are alice\n');
    process.kill(brokerOf(broker, command), 'SIGHUP');
    expect(await broker.ended()).toBe(0);
    expect(broker.stdout).toContain('"drained"');
    await until(() => alice.sawEnd || alice.closed, 'the end of the session');
    alice.destroy();
  });
});

describe('a start', () => {
  it('with a wrong file says all that is wrong, a line each, with exit code 2', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'r.toml');
    writeFileSync(file, 'PORT = 70000\nX = 1\n');
    await using broker = new Program([...BROKER, `--config=${file}`], { env: { SHARDS: '0' } });
    expect(await broker.ended()).toBe(2);
    expect(broker.stderr.split('\n')).toEqual([
      `restante: ${file}:1:8: PORT is 70000, but must be a whole number from 0 to 65535`,
      `restante: ${file}:2:1: X is no setting`,
      'restante: SHARDS is "0", but must be a whole number from 1 to 64',
      '',
    ]);
  });
});
