/** The unit for systemd: what it sets is there, and what it waits for is long enough. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readConfig, SETTINGS } from '../../../src/shared/common/config.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { textOf } from '../../helpers/project.ts';

const UNIT = 'examples/operations/systemd/restante.service';
/** What the unit sets that is no setting of the broker. */
const OTHERS = ['NODE_ENV', 'MALLOC_MMAP_THRESHOLD_', 'RESTANTE_CONFIG'];

const unit = [...textOf(UNIT).matchAll(/^#?([A-Z]\w+)=(.*)$/gm)].map(([, key = '', value = '']) => ({ key, value }));
const valuesOf = (name: string) => unit.filter(({ key }) => key === name).map(({ value }) => value);
const environment = Object.fromEntries(
  valuesOf('Environment').flatMap((line) => line.split(' ').map((each) => each.split('=', 2) as [string, string])),
);

it('every variable that it sets is one that is read', () => {
  expect(Object.keys(environment).length).toBeGreaterThan(3);
  expect(Object.keys(environment).filter((name) => !OTHERS.includes(name) && !(name in SETTINGS))).toEqual([]);
});

it('it starts the broker with its file of settings, and reads that again', () => {
  const [start = ''] = valuesOf('ExecStart');
  expect(start).toMatch(/ dist\/src\/main\.js --config (\S+)$/);
  expect(start.endsWith(` ${environment.RESTANTE_CONFIG}`)).toBe(true);
  expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
  expect(environment.DATA_DIR).toBe(`/var/lib/${valuesOf('StateDirectory')[0]}`);
  // What npm start sets for memory.
  const npmStart = textOf('package.json');
  expect(npmStart).toContain(`MALLOC_MMAP_THRESHOLD_=${environment.MALLOC_MMAP_THRESHOLD_} `);
  expect(npmStart).toContain(/--max-semi-space-size=\d+/.exec(start)?.[0]);
});

it('it gives the broker the time and the open files of the default settings', () => {
  const { DRAIN_SECONDS, MAX_CONNECTIONS } = readConfig({});
  expect(Number.parseInt(valuesOf('TimeoutStopSec')[0] ?? '', 10)).toBeGreaterThan(DRAIN_SECONDS);
  expect(Number(valuesOf('LimitNOFILE')[0])).toBeGreaterThan(MAX_CONNECTIONS + 300);
});

it('its start fails as soon as the broker has ended, and does not wait until it is too late', () => {
  const [post = ''] = valuesOf('ExecStartPost');
  const script =
    /^\/bin\/sh -c '(.*)'$/.exec(post)?.[1]?.replace(/\/usr\/bin\/node \S+\/health\.js --ready/, 'false') ?? '';
  expect(script).toContain('until false');
  const ended = spawnSync(process.execPath, ['--version']).pid;
  const env = { ...process.env, MAINPID: String(ended) };
  expect(spawnSync('/bin/sh', ['-c', script], { env, timeout: paced(10_000) })).toMatchObject({
    status: 1,
    signal: null,
  });
});
