/** The simulation finds nothing wrong in the broker under random faults, and finds each deliberate bug. */
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/folder.ts';
import { fastOrLong } from '../helpers/pace/long.ts';
import { paced } from '../helpers/pace/pace.ts';
import { BUGS } from './bugs/all.ts';
import type { Bug } from './bugs/bug.ts';
import { Run } from './life/run.ts';
import { simulate } from './simulate.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECONDS = fastOrLong(20, 120);
/**
 * A bug must be found within this time. Most are in the first second; the rarest take 18 seconds on average, and a bug
 * must not be missed by chance.
 */
const FIND_SECONDS = paced(300);
/** The time allowed to start, and to finish the last life. */
const AROUND_MS = 120_000;
const run = promisify(execFile);

describe('the simulation', () => {
  it('finds no message lost, repeated or out of order, and no count wrong', {
    timeout: SECONDS * 1000 + paced(AROUND_MS),
  }, async () => {
    const said: string[] = [];
    const passed = await simulate({ steps: 1_500, seconds: SECONDS }, (line) => said.push(line));
    expect(passed, said.join('\n')).toBe(true);
  });

  it('repeats a life for the same seed, whatever runs beside it', { timeout: paced(AROUND_MS) }, async () => {
    const seeds = [1, 2, 3, 4, 5];
    const twice = await Promise.all([1, 2].map(() => Promise.all(seeds.map((seed) => digestOf(seed, 600)))));
    expect(twice[0]).toEqual(twice[1]);
    expect(new Set(twice[0]).size).toBe(seeds.length);
  });

  it('finds nothing in a copy of the code without a bug', async () => {
    const nothing = {
      what: '',
      file: 'src/session/writer/writer.ts',
      code: 'export class Writer {',
      wrong: 'export class Writer {',
    };
    const { said, exitCode } = await simulateWith(nothing, 3);
    expect([exitCode, said]).toEqual([0, expect.stringContaining('nothing lost')]);
  });
});

// A longer run would find them no better.
describe.runIf(fastOrLong(true, false))('the simulation', () => {
  it.concurrent.each(BUGS)('finds that $what', { timeout: FIND_SECONDS * 1000 + paced(AROUND_MS) }, async (bug) => {
    const { said, exitCode } = await simulateWith(bug, FIND_SECONDS);
    expect(said).toMatch(/seed \d+ fails at step \d+/);
    expect(exitCode).toBe(1);
  });
});

/** A digest of all messages that are sent and delivered in the life of a seed. */
async function digestOf(seed: number, steps: number): Promise<string> {
  const life = new Run(seed);
  for (let step = 0; step < steps; step++) await life.step();
  await life.finish();
  return life.ledger.digest;
}

/** Runs the simulation on a copy of the code that has the bug. */
async function simulateWith({ file, code, wrong }: Bug, seconds: number): Promise<{ said: string; exitCode: number }> {
  using folder = temporaryFolder();
  for (const part of ['src', 'workers', 'test/simulation', 'test/helpers', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, part), join(folder.path, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  const right = readFileSync(join(folder.path, file), 'utf8');
  expect(right.split(code), `${code} in ${file}`).toHaveLength(2);
  writeFileSync(
    join(folder.path, file),
    right.replace(code, () => wrong),
  );
  const args = ['--import', 'tsx', 'test/simulation/main.ts', '--seconds', String(seconds), '--steps', '800'];
  // Awaited here, because the folder is removed when this function returns.
  return await run(process.execPath, args, { cwd: folder.path }).then(
    ({ stdout }) => ({ said: stdout, exitCode: 0 }),
    (error: { stdout: string; code: number }) => ({ said: error.stdout, exitCode: error.code }),
  );
}
