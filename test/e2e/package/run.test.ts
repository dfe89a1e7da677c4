/** The scripts of package.json, with the development dependencies and without them. */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled } from '../../helpers/programs/build.ts';
import { Program } from '../../helpers/programs/program.ts';
import { textOf } from '../../helpers/project.ts';
import { Clone } from '../documents/clone.ts';

const SECONDS_LATER = 10;

const clone = new Clone();
const MAIN = join(clone.path, 'dist/src/main.js');

afterAll(() => clone[Symbol.dispose]());

function build(): void {
  cpSync(compiled(''), join(clone.path, 'dist'), { recursive: true });
}

function withoutDevelopment(): void {
  const { devDependencies } = JSON.parse(textOf('package.json')) as { devDependencies: Record<string, string> };
  for (const name of Object.keys(devDependencies)) {
    const [folder = ''] = name.split('/');
    rmSync(join(clone.path, 'node_modules', folder), { force: true });
  }
}

/** Runs a script to its end. @returns its exit code, and what it has said */
function ran(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { cwd: clone.path, env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('npm', ['--silent', ...args], options);
  return { code: status, stdout, stderr };
}

describe('with the development dependencies', () => {
  it('npm start runs the sources, whatever is in dist', () => {
    build();
    writeFileSync(MAIN, 'console.log("from dist");');
    const { code, stdout } = ran(['start', '--', '--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: npm start -- /)]);
    rmSync(join(clone.path, 'dist'), { recursive: true });
  });
});

describe('without them', () => {
  beforeAll(withoutDevelopment);

  it('npm start says what is missing, if nothing was built', () => {
    expect(ran(['start'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'restante: this needs "npm ci && npm run build" before "npm ci --omit=dev"\n',
    });
  });

  it('npm start runs what was built, which hears signals and drains', async () => {
    build();
    await using broker = new Program(['npm', '--silent', 'start'], { cwd: clone.path });
    await broker.port();
    broker.signal('SIGTERM');
    await broker.said('"drained"');
    expect([await broker.ended(), broker.stderr]).toEqual([0, '']);
  });

  it('npm start ends with the exit code of the broker', () => {
    const { code, stderr } = ran(['start'], { PORT: 'http' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('PORT is "http"')]);
  });

  it('the tools run what was built too, and say so if it is older than the sources', () => {
    const later = Date.now() / 1000 + SECONDS_LATER;
    utimesSync(join(clone.path, 'workers/shard/thread.ts'), later, later);
    const { code, stdout, stderr } = ran(['run', 'mail', '--', '--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: npm run mail -- /)]);
    expect(stderr).toMatch(/^restante: dist is older than the sources, .*\n$/);
  });
});
