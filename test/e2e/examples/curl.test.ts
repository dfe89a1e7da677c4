/** The worker that has nothing but curl: it is killed, and the broker is started again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { Program } from '../../helpers/programs/program.ts';
import { textOf } from '../../helpers/project.ts';
import { until } from '../../helpers/until.ts';
import { isInstalled } from '../documents/clone.ts';
import { brokerAndClient, type HttpClient } from '../transports/http/messages/client.ts';
import { Checkout, COMMANDS } from './example.ts';

const FILE = 'job-worker-curl.sh';
const NAME = 'worker-1';
const checkout = new Checkout();
afterAll(() => checkout[Symbol.dispose]());

function start({ url }: HttpClient): Program {
  return new Program((COMMANDS.get(FILE) ?? '').split(' '), { cwd: checkout.path, env: { RESTANTE_HTTP: url } });
}

async function give(http: HttpClient, jobs: readonly number[]): Promise<void> {
  for (const n of jobs) {
    const path = `${NAME}?from=boss&id=job-${n}`;
    const [status] = await http.send(path, JSON.stringify({ n }), { 'content-type': 'application/json' });
    expect(status).toBe(202);
  }
}

const results = () => checkout.linesOf(`${NAME}.done`).map((line) => Number(line.split(' ')[1]));

it('it has less than 30 lines', () => {
  expect(textOf(`examples/${FILE}`).split('\n').length).toBeLessThan(30);
});

it('it works off each job once, killed or not, and comes back with the broker', {
  timeout: paced(60_000),
}, async (it) => {
  it.skip(!['bash', 'curl', 'jq'].every(isInstalled), 'not installed: bash, curl or jq');
  using folder = temporaryFolder();
  const settings = { DATA_DIR: folder.path, HTTP_PORT: await freePort() };
  await using worker = await (async () => {
    await using before = await brokerAndClient(settings);
    await before.http.mail(NAME);
    await give(before.http, [1, 2, 3]);
    // A worker was killed when it had written a result, and before it acknowledged it.
    const [first] = await before.http.mail(NAME);
    writeFileSync(join(checkout.path, `${NAME}.done`), `${first?.seq} 1\n`);
    {
      await using killed = start(before.http);
      await until(
        () => results().length === 3,
        () => `the results, of ${killed.stderr}`,
      );
      process.kill(-killed.pid, 'SIGKILL');
    }
    await give(before.http, [3, 4]);
    const again = start(before.http);
    expect((await before.http.send(`${NAME}?from=boss`, 'no job'))[0]).toBe(202);
    await until(
      () => results().length === 4,
      () => `the results, of ${again.stderr}`,
    );
    return again;
  })();
  await using after = await brokerAndClient(settings);
  await give(after.http, [5]);
  await until(
    () => results().length === 5,
    () => `the last result, of ${worker.stderr}`,
  );
  expect(results()).toEqual([1, 4, 9, 16, 25]);
});
