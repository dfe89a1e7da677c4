/** The job queue of the examples: a worker in each language is killed, and the broker is started again. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import type { Program } from '../../helpers/programs/program.ts';
import { textOf } from '../../helpers/project.ts';
import { inTime, until } from '../../helpers/until.ts';
import { isInstalled } from '../documents/clone.ts';
import { isGone, isHere, wasHere } from '../restante/restante.ts';
import { Checkout, urlOf } from './example.ts';

const JOBS = Array.from({ length: 20 }, (_, index) => index + 1);
/** Jobs whose results are written, and that are not acknowledged, because the worker is killed then. */
const UNACKNOWLEDGED = 3;

const checkout = new Checkout();
afterAll(() => checkout[Symbol.dispose]());

interface Worker {
  readonly file: string;
  readonly needs: readonly string[];
  /** Whether it looks for the broker again when that has gone. */
  readonly returns: boolean;
}

const WORKERS: readonly Worker[] = [
  { file: 'job-worker.mjs', needs: [], returns: true },
  { file: 'job-worker.py', needs: ['python3'], returns: true },
  { file: 'job-worker.go', needs: ['go'], returns: false },
  { file: 'job-worker.sh', needs: ['bash', 'nc', 'jq'], returns: true },
];

/** `go run` would build it at each start. */
const GO_PROGRAM = './job-worker';
const GO_BUILD_LIMIT_MS = 120_000;

beforeAll(() => {
  if (!isInstalled('go')) return;
  const args = ['build', '-o', GO_PROGRAM, 'examples/job-worker.go'];
  execFileSync('go', args, { cwd: checkout.path, timeout: paced(GO_BUILD_LIMIT_MS) });
}, paced(GO_BUILD_LIMIT_MS));

function start({ file }: Worker, name: string, broker: TestBroker): Program {
  if (file.endsWith('.go')) return checkout.run([GO_PROGRAM, name], urlOf(broker));
  return checkout.start(file, urlOf(broker), [name]);
}

async function produce(broker: TestBroker, name: string): Promise<string> {
  await using producer = checkout.start('job-producer.mjs', urlOf(broker), [name]);
  expect(await inTime(producer.ended(), 'the producer to end')).toBe(0);
  await producer.said('job 20 ');
  return producer.stdout;
}

/** A worker that is killed when it has written some results, and before it has acknowledged them. */
async function killedBeforeAck(broker: TestBroker, name: string): Promise<void> {
  const worker = await ProgramPeer.hello(broker, { name });
  const jobs = (await worker.got('message', JOBS.length)).slice(0, UNACKNOWLEDGED);
  const results = jobs.map(({ seq, body }) => `${seq} ${(body as { readonly n: number }).n ** 2}\n`);
  writeFileSync(join(checkout.path, `${name}.done`), results.join(''));
  worker.peer.destroy();
}

/** Sends a text, which is no job. Resolves when the worker has rejected it. So all jobs before it are acknowledged. */
async function isRejected(broker: TestBroker, name: string): Promise<void> {
  const customer = await ProgramPeer.hello(broker);
  customer.say({ type: 'send', id: 'm', to: name, body: 'no job', receipt: true });
  expect(await customer.got('receipt')).toEqual([{ type: 'receipt', id: 'm', name, state: 'rejected' }]);
  customer.peer.destroy();
}

/** Waits until a worker has done what it should. */
async function hasDone(worker: Program, done: () => boolean): Promise<void> {
  const what = () => `the results of a worker, which said: ${worker.stderr}`;
  await until(() => done() || !worker.running, what);
  if (!done()) throw new Error(`it ended before ${what()}`);
}

/** The lines of code of a worker: without comments, blank lines, closing braces, and the head of a file in Go. */
function codeOf(file: string): string[] {
  const text = textOf(`examples/${file}`).replace(/^package main\n\nimport \([^)]*\)$/m, '');
  return text.split('\n').filter((line) => !/^\s*(#.*|\/\/.*|[)}\]]*)$/.test(line));
}

it.each(WORKERS)('$file has less than 30 lines', ({ file }) => {
  expect(codeOf(file).length).toBeLessThan(30);
});

describe.concurrent('a worker', () => {
  it.for(WORKERS)('$file works off each job once, killed or not', { timeout: paced(60_000) }, async (worker, it) => {
    const missing = worker.needs.filter((tool) => !isInstalled(tool));
    it.skip(missing.length > 0, `not installed: ${missing.join(', ')}`);
    using folder = temporaryFolder();
    const name = worker.file.replace('.', '-');
    const results = () => checkout.linesOf(`${name}.done`).map((line) => Number(line.split(' ')[1]));
    const squares = JOBS.map((n) => n ** 2);
    await using before = await startBroker({ DATA_DIR: folder.path, SHARDS: 1 });
    await wasHere(before, name);
    expect(await produce(before, name)).toContain(`job 1 for ${name}: held\n`);
    await killedBeforeAck(before, name);
    {
      await using killed = start(worker, name, before);
      await hasDone(killed, () => results().length > UNACKNOWLEDGED);
    }
    await using again = start(worker, name, before);
    await hasDone(again, () => results().length >= JOBS.length);
    await isRejected(before, name);
    expect(await produce(before, name)).toContain(`job 20 for ${name}: given before\n`);
    expect(results()).toEqual(squares);

    await before[Symbol.asyncDispose]();
    if (!worker.returns) await inTime(again.ended(), 'the worker to end with the broker');
    await using after = await startBroker({ DATA_DIR: folder.path, SHARDS: 1, PORT: before.port });
    await using last = worker.returns ? again : start(worker, name, after);
    await isHere(after, name);
    await isRejected(after, name);
    process.kill(-last.pid, 'SIGKILL');
    await isGone(after, 0);
    expect([results(), await after.held()]).toEqual([squares, 0]);
  });
});
