/**
 * Too few file descriptors: connected peers go on, new ones are refused with a reason, the store keeps its share, and
 * the broker recovers.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Peer } from '../../helpers/peer.ts';
import { BROKER, Program } from '../../helpers/programs/program.ts';
import { until } from '../../helpers/until.ts';

const LIMIT = 256;
const LIMITED = ['bash', '-c', `ulimit -n ${LIMIT}; exec "$@"`, '-', ...BROKER];
/** Lower than every free descriptor, so that every open fails. */
const NONE = 3;

async function named(port: number, name: string): Promise<Peer> {
  const peer = await Peer.connect(port);
  peer.send(`${name}\n${name}: here\n`);
  await peer.got(`from ${name}: here\n`);
  return peer;
}

async function say(from: Peer, to: Peer, name: string, text: string): Promise<void> {
  from.send(`${name}: ${text}\n`);
  await to.got(`: ${text}\n`);
}

/** The processor time of a process. */
function processorMs(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15);
  return (Number(user) + Number(system)) * 10;
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Sets the limit of open files of a running process. It can be raised again up to the old one. */
function limitFiles(pid: number, count: number): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${count}:`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

it('a crowd gets all descriptors but those of the store; others are refused, and the log says so', async () => {
  await using broker = new Program(LIMITED);
  const port = await broker.port();
  const served = Number(/so (\d+) connections are served, not MAX_CONNECTIONS 10000/.exec(broker.stdout)?.[1]);
  expect(served).toBeGreaterThan(10);
  expect(served).toBeLessThan(LIMIT - 40);
  const away = await named(port, 'away');
  await away.leave();
  const alice = await named(port, 'alice');
  const bob = await named(port, 'bob');
  const before = openFiles(broker.pid);
  const crowd = await Promise.all(Array.from({ length: 2 * LIMIT }, () => Peer.connect(port)));
  const refused = () => crowd.filter((peer) => /^\* more than \d+ connections\n$/.test(peer.received));
  await until(() => crowd.length - refused().length <= served, 'those that do not fit to be told');
  expect(crowd.length - refused().length).toBeGreaterThan(served - 10);
  await say(alice, bob, 'bob', 'still here');
  alice.send('away: kept\n');
  await alice.got('* away is away: mail is held\n');
  await broker.said(`"code":"DESCRIPTORS_KEPT_BACK","limit":${LIMIT},"peer":"127.0.0.1:`);
  for (const peer of crowd) peer.destroy();
  await until(() => openFiles(broker.pid) < before + served / 2, 'the crowd to leave');
  const back = await Peer.connect(port);
  back.send('away\n');
  await back.got('from alice: kept\n');
});

it('without MAX_CONNECTIONS a refusal names the limit of the system', async () => {
  await using broker = new Program(LIMITED, { env: { MAX_CONNECTIONS: 'unlimited' } });
  await broker.port();
  expect(broker.stdout).toMatch(/so \d+ connections are served: for more, raise the limit of open files/);
});

it('a time without descriptors stops no connected peer, is reported, and passes', async (context) => {
  if (spawnSync('prlimit', ['--version']).status !== 0) context.skip('no prlimit here');
  await using broker = new Program(BROKER);
  const port = await broker.port();
  const alice = await named(port, 'alice');
  const bob = await named(port, 'bob');
  limitFiles(broker.pid, NONE);
  const unlucky = await Peer.connect(port).catch(() => undefined);
  for (let i = 0; i < 20; i++) await say(alice, bob, 'bob', `number ${i}`);
  await broker.said('no descriptor is left');
  for (let i = 20; i < 40; i++) await say(alice, bob, 'bob', `number ${i}`);
  unlucky?.destroy();
  const before = processorMs(broker.pid);
  const since = performance.now();
  await until(() => performance.now() - since > 500, 'half a second');
  expect(processorMs(broker.pid) - before).toBeLessThan(250); // it does not retry in a busy loop
  limitFiles(broker.pid, LIMIT * 10);
  const served = async () => {
    const peer = await Peer.connect(port).catch(() => undefined);
    peer?.send('new\nnew: here\n');
    await until(() => peer === undefined || peer.received !== '' || peer.closed, 'an answer');
    peer?.destroy();
    return peer?.received.includes('from new: here\n') ?? false;
  };
  while (!(await served())) expect(broker.running).toBe(true);
  await say(alice, bob, 'bob', 'at last');
  broker.signal('SIGTERM');
  expect(await broker.ended()).toBe(0);
});
