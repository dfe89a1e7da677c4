/** The benchmark of live messages, in a very short run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.ts';
import { TestProcess } from '../../helpers/programs/process.ts';
import { until } from '../../helpers/until.ts';

const SHORT = ['--rounds', '1', '--seconds', '0.3', '--warm-up', '0.1'];

interface Told {
  readonly machine: { readonly commit: string };
  readonly results: readonly {
    readonly workload: string;
    readonly peer: string;
    readonly medians: Readonly<Record<string, number>>;
  }[];
  readonly wrong: readonly string[];
}

/** Processes that have `text` in their environment, and `argument` in their command line. */
function processesWith(text: string, argument = ''): number {
  const has = (pid: string) => {
    try {
      const said = (what: 'environ' | 'cmdline') => readFileSync(`/proc/${pid}/${what}`, 'latin1');
      return said('environ').includes(text) && said('cmdline').includes(argument);
    } catch {
      return false; // the process has ended
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && has(name)).length;
}

describe('npm run bench', () => {
  it.each([
    ['pair', []],
    ['fan', ['--connections', '16']],
    ['large', ['--connections', '8']],
    ['storm', ['--connections', '20']],
  ])('measures this broker and the bare relay: %s', async (workload, more) => {
    using folder = temporaryFolder();
    const json = join(folder.path, 'bench.json');
    const args = ['--only', workload, '--peers', 'restante,relay', ...SHORT, ...more, '--json', json];
    await using bench = new TestProcess('test/bench/live.ts', args, {});
    expect(await bench.exitCode(), bench.stderr).toBe(0);
    const told = JSON.parse(readFileSync(json, 'utf8')) as Told;
    expect(told.wrong).toEqual([]);
    expect(told.results.map(({ peer }) => peer)).toEqual(['restante', 'relay']);
    for (const { medians } of told.results) {
      expect(medians.deliveriesPerSecond).toBeGreaterThan(0);
      expect(medians.p99Microseconds).toBeGreaterThanOrEqual(medians.p50Microseconds ?? Number.NaN);
      expect(medians.peakMebibytes).toBeGreaterThan(10);
    }
    expect(bench.stdout).toContain(`| ${workload} | relay | `);
  });

  it('measures programs, and acknowledgements in memory and on disk, side by side with all that is installed', async () => {
    using folder = temporaryFolder();
    const json = join(folder.path, 'bench.json');
    const workloads = ['json-burst', 'ack', 'durable'];
    const args = ['--only', workloads.join(','), '--connections', '4', ...SHORT, '--json', json];
    await using bench = new TestProcess('test/bench/live.ts', args, {});
    expect(await bench.exitCode(), bench.stderr).toBe(0);
    const { wrong, results } = JSON.parse(readFileSync(json, 'utf8')) as Told;
    expect(wrong).toEqual([]);
    const ours = results.filter(({ peer }) => peer === 'restante');
    expect(ours.map(({ workload }) => workload)).toEqual(workloads);
    expect(results.filter(({ peer }) => peer === 'plain')).toHaveLength(1);
    for (const { medians } of results) {
      expect(medians.deliveriesPerSecond).toBeGreaterThan(0);
      expect(medians.p99Microseconds).toBeGreaterThanOrEqual(medians.p50Microseconds ?? Number.NaN);
    }
  });

  it('fails, and says why, when a broker loses and repeats messages', async () => {
    const args = ['--only', 'chat', '--connections', '8', '--window', '4', '--peers', 'restante', ...SHORT];
    await using bench = new TestProcess('test/bench/live.ts', [...args, '--tree', 'test/fixtures/losing-broker'], {});
    expect(await bench.exitCode()).toBe(1);
    expect(bench.stderr).toContain('chat, restante: 1 lost, 1 repeated, 0 disordered, 0 changed');
  });

  it('leaves no process and no file behind when it is interrupted', async () => {
    using folder = temporaryFolder();
    const args = ['--only', 'pair', '--peers', 'restante', '--seconds', '60'];
    await using bench = new TestProcess('test/bench/live.ts', args, { TMPDIR: folder.path });
    await until(() => processesWith(folder.path, 'main.ts') > 0, 'its broker');
    await until(() => processesWith(folder.path, 'generator.ts') > 0, 'its generator');
    bench.signal('SIGINT');
    expect(await bench.exitCode()).toBe(130);
    await until(() => processesWith(folder.path) === 0, 'the end of all of them');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('restante-bench'))).toEqual([]);
  });

  it.each([
    [['--only', 'talk'], '--only'],
    [['--seconds', '0'], '--seconds'],
    [['--fan', '7', '--only', 'fan'], '--fan'],
    [['--fan', '2', '--only', 'ack'], '--fan'],
    [['--faster'], '--faster'],
  ])('refuses %j in one line that names the option, with exit code 2', async (args, named) => {
    await using bench = new TestProcess('test/bench/live.ts', args, {});
    expect(await bench.exitCode()).toBe(2);
    expect(bench.stderr).toContain(named);
    expect(bench.stderr.trim().split('\n')).toHaveLength(1);
  });
});
