/** Signals: every program handles them from its first line on. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { signalLostAtStart } from '../../../src/shared/common/signals.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { Peer } from '../../helpers/peer.ts';
import { commandOf } from '../../helpers/programs/build.ts';
import { BROKER, Program } from '../../helpers/programs/program.ts';
import { until } from '../../helpers/until.ts';

const STOPPING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const MAX_ATTEMPTS = 20;
const MAIL = commandOf('src/tools/cli/mail.ts');
const SWARM = commandOf('src/tools/swarm/main.ts');

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('close', (failed) => resolve(!failed));
  });
}

/** The only child of a process. */
function childOf(pid: number): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
}

describe('a broker that is starting', () => {
  it.each(STOPPING_SIGNALS)(
    'and hears %s stops in order: exit code 0, no port, and the store is free',
    async (signal) => {
      using folder = temporaryFolder();
      await using broker = new Program(BROKER, { env: { DATA_DIR: folder.path } });
      await broker.hears();
      broker.signal(signal);
      expect(await broker.ended()).toBe(0);
      expect(broker.stdout).not.toContain('listening');
      expect(broker.stderr).toBe('');
      await using next = new Program(BROKER, { env: { DATA_DIR: folder.path } });
      await next.port();
    },
  );

  it('undoes its start, at whatever moment the signal arrives', async () => {
    using folder = temporaryFolder();
    await using whole = new Program(BROKER, { env: { DATA_DIR: folder.path } });
    await whole.hears();
    const heard = performance.now();
    await whole.port();
    const startMs = performance.now() - heard;
    whole.signal('SIGTERM');
    expect(await whole.ended()).toBe(0);
    for (const part of [0.25, 0.5, 0.75]) {
      await using broker = new Program(BROKER, { env: { DATA_DIR: folder.path, SHARDS: '2' } });
      await broker.hears();
      const at = performance.now() + startMs * part;
      await until(() => performance.now() >= at, 'the moment of the signal');
      broker.signal('SIGTERM');
      expect(await broker.ended(), `${broker.stdout}${broker.stderr}`).toBe(0);
      expect(broker.stderr).toBe('');
    }
  });
});

describe('process 1, which has no default action for a signal', () => {
  const AS_FIRST = ['unshare', '-pf', '--mount-proc', '--kill-child', ...BROKER];
  const possible = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;

  async function started(): Promise<{ supervisor: Program; pid: number }> {
    const supervisor = new Program(AS_FIRST);
    await until(() => childOf(supervisor.pid) > 0, 'the broker to begin');
    return { supervisor, pid: childOf(supervisor.pid) };
  }

  it.skipIf(!possible)('stops at one that arrives while it starts', async () => {
    const { supervisor, pid } = await started();
    await using _ = supervisor;
    await supervisor.hears(pid);
    process.kill(pid, 'SIGTERM');
    expect(await supervisor.ended()).toBe(0);
    expect(supervisor.stdout).not.toContain('listening');
  });

  it.skipIf(!possible).each(['SIGTERM', 'SIGINT'] as const)(
    'stops at %s that came before its first line',
    async (signal) => {
      const { supervisor, pid } = await started();
      await using _ = supervisor;
      await supervisor.nodeHears(pid);
      process.kill(pid, signal);
      expect(await supervisor.ended()).toBe(0);
      expect(supervisor.stdout).toContain(`"signal":"${signal}"`);
    },
  );

  it.skipIf(!possible)('serves if none arrives', async () => {
    const { supervisor, pid } = await started();
    await using _ = supervisor;
    await supervisor.port();
    process.kill(pid, 'SIGTERM');
    expect(await supervisor.ended()).toBe(0);
    expect(supervisor.stdout).toContain('"drained"');
  });

  it('recognises an earlier one by the handlers that Node has left', () => {
    const [INT, TERM] = [1n << 1n, 1n << 14n];
    expect([INT | TERM, 0n, INT, TERM, INT | 1n].map(signalLostAtStart)).toEqual([
      undefined,
      undefined,
      'SIGTERM',
      'SIGINT',
      'SIGTERM',
    ]);
  });
});

describe('npm start', () => {
  it('hands SIGTERM on to the broker, which drains, and ends with its exit code', async () => {
    const port = await freePort();
    await using npm = new Program(['npm', 'start', '--silent'], { env: { PORT: String(port) } });
    await npm.port();
    const alice = await Peer.connect(port);
    alice.send('alice\nalice: here\n');
    await alice.got('from alice: here\n');
    npm.signal('SIGTERM');
    expect(await npm.ended()).toBe(0);
    expect(npm.stdout).toContain('"drained"');
    expect(await listens(port)).toBe(false);
  });
});

describe('the scripts of package.json', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

  it.each(Object.entries(scripts))('%s ends in a command that takes the place of its shell', (_name, script) => {
    expect(script.split('&&').at(-1)).toMatch(/^ ?([A-Z_]+=\S+ )?exec /);
  });
});

describe('the tool for held mail', () => {
  it('ends at a Ctrl-C with a message, and with the exit code that shells know', async () => {
    // The tool may be done before the signal arrives. The test then tries again.
    for (let attempts = 0; ; attempts++) {
      await using tool = new Program([...MAIL, 'list']);
      await tool.hears();
      tool.signal('SIGINT');
      if ((await tool.ended()) !== 130) {
        expect(attempts).toBeLessThan(MAX_ATTEMPTS);
        continue;
      }
      expect(tool.stderr).toBe('mail: interrupted\n');
      return;
    }
  });
});

describe('the swarm', () => {
  it('that is starting stops at a signal, and says so', async () => {
    const port = await freePort();
    await using swarm = new Program([...SWARM, '--port', String(port)]);
    await swarm.hears();
    swarm.signal('SIGHUP');
    expect(await swarm.ended()).toBe(1);
    expect(swarm.stderr).toContain('swarm: stopped before');
  });

  it('stops sending at a Ctrl-C, and reports its result', async () => {
    await using broker = new Program(BROKER);
    const port = String(await broker.port());
    await using swarm = new Program([...SWARM, '--port', port, '--clients', '10', '--seconds', '600']);
    await swarm.said('swarm: sending', 'stderr');
    swarm.signal('SIGINT');
    expect(await swarm.ended(), swarm.stderr).toBe(0);
    expect(swarm.stdout).toContain('lost');
  });
});
