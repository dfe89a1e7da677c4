/** The broker as a process: its output, its refusals, and its stop. */
import { once } from 'node:events';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../src/shared/common/config.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { Patience, paced, pacedNow } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { startBrokerProcess, TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** How long a refused connection has to read the reason, and the shortest time between two equal warnings. */
const REFUSAL_MS = 2_000;
const WARNING_INTERVAL_MS = 5_000;
const TRIED_FOR_MS = 10_000;

/** Stops a broker that has just refused a connection, which stays open on the other side. */
async function msFromRefusalToEnd(): Promise<number> {
  const { broker, port } = await startBrokerProcess({ MAX_CONNECTIONS: '1' });
  await using _ = broker;
  const first = await Peer.connect(port);
  first.send('first\nfirst: in\n');
  await first.got('from first: in\n');
  const before = performance.now();
  const second = await Peer.connect(port);
  await second.got('* more than 1 connections\n');
  broker.signal('SIGTERM');
  expect(await broker.exitCode()).toBe(0);
  for (const peer of [first, second]) peer.destroy();
  return performance.now() - before;
}

describe('starting', () => {
  it('says where it listens, with how many shards, and how to try it', async () => {
    const { broker, port } = await startBrokerProcess({ SHARDS: '3' });
    await using _ = broker;
    expect(broker.stdout).toContain(`listening on 127.0.0.1:${port} with 3 shards`);
    expect(broker.stdout).toContain(`nc 127.0.0.1 ${port}`);
  });

  it('with shards that cannot be loaded says so, and says nothing of the store, which is sound', async () => {
    using copy = temporaryFolder();
    for (const part of ['src', 'workers', 'package.json']) {
      cpSync(join(ROOT, part), join(copy.path, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy.path, 'node_modules'));
    rmSync(join(copy.path, 'workers/shard/thread.ts'));
    await using broker = new TestProcess(join(copy.path, 'src/main.ts'), [], { PORT: '0' });
    expect(await broker.exitCode()).toBe(1);
    expect(broker.stderr).toMatch(/^restante: a shard cannot begin: Cannot find module .+\n$/);
  });

  it('lists every setting with its default for --help', async () => {
    await using help = new TestProcess('src/main.ts', ['--help'], {});
    expect(await help.exitCode()).toBe(0);
    for (const [name, { fallback }] of Object.entries(SETTINGS)) {
      expect(help.stdout).toMatch(new RegExp(`${name} +${fallback.replaceAll(/[.*]/g, '\\$&')} `));
    }
  });

  it.each([
    ['SHARDS', '0'],
    ['PORT', 'http'],
    ['MAILBOX_MAX_BYTES', '16MB'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s in one line that names it, with exit code 2', async (name, value) => {
    await using broker = new TestProcess('src/main.ts', [], { [name]: value });
    expect(await broker.exitCode()).toBe(2);
    expect(broker.stderr).toMatch(new RegExp(`^restante: ${name} is "${value}", but must be .+\n$`));
    expect(broker.stdout).toBe('');
  });

  it('refuses an option it does not know, with exit code 2', async () => {
    await using broker = new TestProcess('src/main.ts', ['--shards'], {});
    expect(await broker.exitCode()).toBe(2);
    expect(broker.stderr).toContain('--shards');
  });

  it('refuses a taken port in one line that names it, with exit code 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using broker = new TestProcess('src/main.ts', [], { PORT: String(port) });
    expect(await broker.exitCode()).toBe(1);
    expect(broker.stderr).toMatch(new RegExp(`^restante: PORT ${port} on 127.0.0.1 is taken.*, as with PORT=\\d+\n$`));
    server.close();
  });
});

describe('a likely mistake', () => {
  it('is reported in one line: a variable that is nearly a setting', async () => {
    const { broker } = await startBrokerProcess({ PORTT: '9' });
    await using _ = broker;
    expect(broker.stdout.match(/"level":40.*/g)).toEqual([
      expect.stringContaining('"msg":"PORTT is no setting: was PORT meant?"'),
    ]);
  });

  it.each(['no.such.host.invalid', '192.0.2.1'])('is refused in one line, with exit code 2: HOST %s', async (HOST) => {
    await using broker = new TestProcess('src/main.ts', [], { PORT: '0', HOST });
    expect(await broker.exitCode()).toBe(2);
    expect(broker.stderr).toMatch(new RegExp(`^restante: HOST ${HOST.replaceAll('.', '\\.')} .+\n$`));
    expect(broker.stdout, 'nothing but warnings').not.toContain('"level":30');
  });
});

describe('stopping', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('on %s drains in stages and ends with 0', async (signal) => {
    const { broker, port } = await startBrokerProcess();
    await using _ = broker;
    const alice = await Peer.connect(port);
    const bob = await Peer.connect(port);
    bob.send('bob\nbob: echo\n');
    await bob.got('from bob: echo\n');
    alice.send('alice\nbob: last\nalice: done\n');
    await alice.got('from alice: done\n');
    broker.signal(signal);
    await Promise.all([alice.gone(), bob.gone()]);
    expect(await broker.exitCode()).toBe(0);
    const stopping = '* the broker is stopping\n';
    expect(bob.received).toBe(`* you are bob\nfrom bob: echo\nfrom alice: last\n${stopping}`);
    expect(alice.received).toBe(`* you are alice\nfrom alice: done\n${stopping}`);
    expect(broker.stdout).toContain('stopped');
  });

  it('delivers what was sent before the signal', async () => {
    const { broker, port } = await startBrokerProcess({ LOG_LEVEL: 'info' });
    await using _ = broker;
    const bob = await Peer.connect(port);
    bob.send('bob\nbob: echo\n');
    await bob.got('from bob: echo\n');
    const alice = await Peer.connect(port);
    alice.send(`alice\nalice: in\n`);
    await alice.got('from alice: in\n');
    alice.send(`${numbered('bob', 0, 500)}alice: all read\n`);
    await alice.got('all read');
    broker.signal('SIGTERM');
    await bob.gone();
    expect(bob.received).toContain('from alice: 499 ');
    expect(await broker.exitCode()).toBe(0);
  });

  it('delivers what waits in the mailbox of a peer that reads', async () => {
    const { broker, port } = await startBrokerProcess({
      MAILBOX_MAX_MESSAGES: 'unlimited',
      MAILBOX_MAX_BYTES: '64MiB',
    });
    await using _ = broker;
    const bob = await Peer.connect(port);
    bob.send('bob\nbob: echo\n');
    await bob.got('from bob: echo\n');
    bob.freeze();
    const alice = await Peer.connect(port);
    alice.send(`alice\n${numbered('bob', 0, 20_000, 1_000)}alice: all read\n`);
    await alice.got('from alice: all read\n');
    bob.freeze(false);
    broker.signal('SIGTERM');
    await bob.gone();
    expect(numbersFrom('alice', bob.received)).toEqual(range(0, 20_000));
    expect(await broker.exitCode()).toBe(0);
    expect(alice.received).toBe('* you are alice\nfrom alice: all read\n* the broker is stopping\n');
  });

  it('is not held up by connections that were refused', async () => {
    // A stop that waits for refused connections always takes that long. One that does not is quicker at least once.
    const patience = new Patience(TRIED_FOR_MS);
    while ((await msFromRefusalToEnd()) >= REFUSAL_MS) expect(patience.over).toBe(false);
  });

  it('ends with 0 within DRAIN_SECONDS even when a peer never reads', async () => {
    const seconds = paced(2);
    const { broker, port } = await startBrokerProcess({
      DRAIN_SECONDS: String(seconds),
      MAILBOX_MAX_BYTES: 'unlimited',
    });
    await using _ = broker;
    const frozen = await Peer.connect(port);
    frozen.send('frozen\nfrozen: echo\n');
    await frozen.got('from frozen: echo\n');
    frozen.freeze();
    const alice = await Peer.connect(port);
    alice.send(`alice\n${numbered('frozen', 0, 800, 50_000)}alice: done\n`);
    await alice.got('from alice: done\n');
    const before = performance.now();
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
    expect(performance.now() - before).toBeLessThan((seconds + pacedNow(1)) * 1000);
    expect(broker.stdout).toMatch(/"returned":[1-9]/);
    frozen.destroy();
  });

  it('is cut short by a second signal', async () => {
    const { broker, port } = await startBrokerProcess({ DRAIN_SECONDS: '60', MAILBOX_MAX_BYTES: 'unlimited' });
    await using _ = broker;
    const frozen = await Peer.connect(port);
    frozen.send('frozen\nfrozen: echo\n');
    await frozen.got('from frozen: echo\n');
    frozen.freeze();
    const alice = await Peer.connect(port);
    alice.send(`alice\n${numbered('frozen', 0, 800, 50_000)}alice: done\n`);
    await alice.got('from alice: done\n');
    broker.signal('SIGTERM');
    await broker.said('stopping');
    const echoesPassed = performance.now() + 600; // npm can say one signal twice: only a later one counts
    await alice.gone();
    await until(() => performance.now() > echoesPassed, 'a signal to be no echo');
    expect(broker.running).toBe(true);
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(1);
    expect(broker.stdout).toContain('stopping at once');
    frozen.destroy();
  });

  it('takes two signals at once for one', async () => {
    const { broker } = await startBrokerProcess();
    await using _ = broker;
    broker.signal('SIGINT');
    broker.signal('SIGINT');
    expect(await broker.exitCode()).toBe(0);
  });
});

describe('the log', () => {
  it('has connections at debug, and never a message’s body', async () => {
    const { broker, port } = await startBrokerProcess({ LOG_LEVEL: 'debug' });
    await using _ = broker;
    const alice = await Peer.connect(port);
    alice.send('alice\nalice: topsecret\n');
    await alice.got('topsecret');
    alice.send(Buffer.from('alice: topsecret \xff\n', 'latin1'));
    await alice.leave();
    await broker.said('"disconnected"');
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
    expect(broker.stdout).toContain('"connected"');
    expect(broker.stdout).toContain('NOT_UTF8');
    const lines = broker.stdout.split('\n').filter((line) => /"(connected|named|disconnected)"|NOT_UTF8/.test(line));
    const peer = `"peer":"127.0.0.1:${alice.port}"`;
    expect(lines.map((line) => [line.includes(peer), line.includes('"name":"alice"')])).toEqual([
      [true, false],
      [true, true],
      [true, true],
      [true, true],
    ]);
    expect(broker.stdout).not.toContain('topsecret');
  });

  it('has no connections at info, and limits the rate of warnings', async () => {
    const { broker, port } = await startBrokerProcess();
    await using _ = broker;
    const before = performance.now();
    for (let i = 0; i < 20; i++) {
      const peer = await Peer.connect(port);
      peer.send(Buffer.from('\xff\n', 'latin1'));
      await peer.leave();
    }
    const intervals = Math.floor((performance.now() - before) / WARNING_INTERVAL_MS);
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
    expect(broker.stdout).not.toContain('"connected"');
    const warnings = broker.stdout.match(/NOT_UTF8/g)?.length ?? 0;
    expect(warnings).toBeGreaterThanOrEqual(1);
    expect(warnings).toBeLessThanOrEqual(1 + intervals);
  });
});
