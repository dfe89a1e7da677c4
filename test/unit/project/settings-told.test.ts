/** Where settings are told of: whoever adds one adds it there too. */
import { describe, expect, it } from 'vitest';
import { readConfig, SETTINGS } from '../../../src/shared/common/config.ts';
import { textOf } from '../../helpers/project.ts';

const readme = textOf('README.md');
const compose = textOf('docker-compose.yml');
const swarmOptions = textOf('src/tools/swarm/options.ts');

/** The lines of one service. */
function service(name: string): string {
  return new RegExp(`^  ${name}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(compose)?.[1] ?? '';
}

describe('every setting', () => {
  it.each(Object.entries(SETTINGS))('%s is in the table of the README, with its default', (name, { fallback }) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toBeDefined();
    if (name !== 'SHARDS') expect(row).toContain(`\`${fallback}\``);
  });

  it.each(Object.keys(SETTINGS))('%s is passed on by Compose', (name) => {
    expect(service('broker')).toMatch(new RegExp(`^      - ${name}(=.+)?$`, 'm'));
  });

  it.each([...swarmOptions.matchAll(/SWARM_\w+/g)].map(([name]) => name))('%s too', (name) => {
    expect(service('swarm')).toMatch(new RegExp(`^      - ${name}(=.+)?$`, 'm'));
  });
});

describe('the broker of Compose for others', () => {
  const lines = service('secure');
  const set = Object.fromEntries(
    [...lines.matchAll(/^ {6}- ([A-Z_]+)=(\S+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const named = [...lines.matchAll(/^ {6}- ([A-Z_]+)(?:=\S+)?$/gm)].flatMap(([, name = '']) =>
    name === 'ALL' ? [] : name,
  );

  it('asks everybody for a proof, and is reached with TLS alone', () => {
    const config = readConfig(set);
    expect(config).toMatchObject({ AUTH: 'required', HOST: '127.0.0.1', TLS_HOST: '0.0.0.0' });
    expect(config.TLS_CERT).not.toBe('none');
  });

  it('has settings that there are', () => {
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !['ACCOUNT', 'CERTIFICATE_FOR'].includes(name) && !(name in SETTINGS))).toEqual([]);
  });
});

describe('each service', () => {
  it.each(['broker', 'secure', 'swarm'])('%s may do no more than it must', (name) => {
    const lines = service(name);
    expect(lines).toMatch(/cap_drop:\n {6}- ALL\n/);
    expect(lines).toMatch(/security_opt:\n {6}- no-new-privileges:true\n/);
    expect(lines).toMatch(/read_only: true\n/);
    expect(lines).toMatch(/mem_limit: \$\{\w+:-\w+\}\n/);
    expect(lines).toMatch(/pids_limit: \d+\n/);
  });

  it('but the broker is started only where it is asked for', () => {
    expect(service('secure')).toMatch(/profiles:\n {6}- secure\n/);
    expect(service('swarm')).toMatch(/profiles:\n {6}- swarm\n/);
    expect(service('broker')).not.toContain('profiles:');
  });
});
