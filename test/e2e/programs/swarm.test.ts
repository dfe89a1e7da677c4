/** The swarm against a real broker, and without one. */
import { describe, expect, it } from 'vitest';
import { changeAccounts } from '../../../src/session/auth/accounts/file.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { startBrokerProcess, TestProcess } from '../../helpers/programs/process.ts';
import { tokenOf } from '../auth/accounts.ts';

const SECONDS = String(paced(4));
const SWARM = ['--clients', '60', '--rate', '40', '--churn', '0.3', '--threads', '2', '--seed', '7'];

interface Verdict {
  readonly sent: number;
  readonly lost: number;
  readonly repeated: number;
  readonly disordered: number;
  readonly reconnects: number;
  readonly crashes: number;
  readonly takeOvers: number;
  readonly redelivered: number;
}

describe('the swarm', () => {
  it.each([
    ['1', '0.5'],
    ['2', '0'],
    ['5', '1'],
  ])('loses nothing under churn with %s shards, when this part of it are programs: %s', async (shards, programs) => {
    const { broker, port } = await startBrokerProcess({ SHARDS: shards });
    await using _ = broker;
    await using swarm = new TestProcess(
      'src/tools/swarm/main.ts',
      [...SWARM, '--programs', programs, '--seconds', SECONDS, '--port', String(port), '--json'],
      {},
    );
    const code = await swarm.exitCode();
    const verdict = JSON.parse(swarm.stdout) as Verdict;
    expect(verdict).toMatchObject({ lost: 0, repeated: 0, disordered: 0, violations: 0, violated: [] });
    expect(verdict.sent).toBeGreaterThan(1_000);
    expect(verdict.reconnects).toBeGreaterThan(5);
    expect(verdict.crashes > 0 && verdict.redelivered > 0).toBe(programs !== '0');
    expect(code).toBe(0);
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
  });

  it('loses nothing where programs take over their names under load', async () => {
    using folder = temporaryFolder();
    const [token, stored] = tokenOf(['swarm-*']);
    await changeAccounts(folder.path, () => [{ version: 1, accounts: [], tokens: [stored] }, undefined]);
    const { broker, port } = await startBrokerProcess({ AUTH: 'required', DATA_DIR: folder.path, SHARDS: '2' });
    await using _ = broker;
    await using swarm = new TestProcess(
      'src/tools/swarm/main.ts',
      [...SWARM, '--programs', '0.7', '--churn', '0.9', '--seconds', SECONDS, '--port', String(port), '--json'],
      { SWARM_TOKEN: token },
    );
    const code = await swarm.exitCode();
    const verdict = JSON.parse(swarm.stdout) as Verdict;
    expect(verdict).toMatchObject({ lost: 0, repeated: 0, disordered: 0, violations: 0, violated: [] });
    expect([code, verdict.takeOvers > 10, verdict.redelivered > 0]).toEqual([0, true, true]);
    expect(swarm.stdout + swarm.stderr + broker.stdout + broker.stderr).not.toContain(token);
  });

  it('ends with 1 when the broker goes away, and says so', async () => {
    const { broker, port } = await startBrokerProcess();
    await using _ = broker;
    await using swarm = new TestProcess(
      'src/tools/swarm/main.ts',
      [...SWARM, '--port', String(port), '--seconds', '60'],
      {},
    );
    await swarm.said('swarm: sending', 'stderr');
    broker.signal('SIGKILL');
    expect(await swarm.exitCode()).toBe(1);
    expect(swarm.stderr).toContain(`127.0.0.1:${port}`);
  });

  it.each([
    ['--clients', 'many'],
    ['--churn', '2'],
    ['--programs', '1.5'],
  ])('refuses %s %s in one line that names it, with exit code 2', async (option, value) => {
    await using swarm = new TestProcess('src/tools/swarm/main.ts', [option, value], {});
    expect(await swarm.exitCode()).toBe(2);
    expect(swarm.stderr).toContain(option);
    expect(swarm.stderr.trim().split('\n')).toHaveLength(1);
  });
});
