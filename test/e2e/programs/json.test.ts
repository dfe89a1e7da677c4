/** The output that the README offers to programs is JSON and nothing else: npm must not add lines of its own. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { startBrokerProcess } from '../../helpers/programs/process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const RUN_LIMIT_MS = 120_000;

/** The command in the README that runs this script with --json. */
function shown(script: string): string {
  const command = new RegExp(`npm run [^\`\\n|]*\\b${script} -- [^\`\\n|]*--json`).exec(README)?.[0];
  if (command === undefined) throw new Error(`the README does not show npm run ${script} with --json`);
  return command;
}

/** The standard output of a command, parsed as JSON. */
async function json(command: string, env: Readonly<Record<string, string>>): Promise<unknown> {
  const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: paced(RUN_LIMIT_MS) };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], options);
  return JSON.parse(stdout);
}

it('the list of held mail is JSON', async () => {
  using folder = temporaryFolder();
  {
    const { broker } = await startBrokerProcess({ DATA_DIR: folder.path });
    await using _ = broker;
    broker.signal('SIGTERM');
    expect(await broker.exitCode()).toBe(0);
  }
  const none = { names: [], totals: { names: 0, messages: 0, bytes: 0 } };
  expect(await json(shown('mail'), { DATA_DIR: folder.path })).toEqual(none);
});

it('the report of the swarm is JSON', async () => {
  const { broker, port } = await startBrokerProcess();
  await using _ = broker;
  const env = { SWARM_PORT: String(port), SWARM_CLIENTS: '2', SWARM_SECONDS: '1' };
  expect(await json(shown('swarm'), env)).toMatchObject({ ok: true, lost: 0 });
});
