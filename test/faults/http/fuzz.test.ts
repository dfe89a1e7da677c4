/**
 * Random requests over many connections: each is answered, or its connection is closed. No answer is a fault of the
 * broker, other peers chat on meanwhile, and nothing is left afterwards.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong, quantile } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';
import { play } from './play.ts';
import { fuzzRequests, TOKEN } from './requests.ts';

const REQUESTS = fastOrLong(1_500, 10_000);
const AT_A_TIME = 24;
const MEDIAN_MS = 50;
/** Node has not given back all that it has taken, and code is compiled meanwhile. */
const MEMORY_LEFT_MIB = 64;
const FAULT = 500;

/** The sockets that a process has open. */
function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  const isSocket = (fd: string) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:');
    } catch {
      return false; // it was closed meanwhile
    }
  };
  return readdirSync(folder).filter(isSocket).length;
}

it(`${REQUESTS} random requests do no harm`, { timeout: paced(fastOrLong(120_000, 600_000)) }, async () => {
  const choices = new Choices();
  using folder = temporaryFolder();
  const ledger = new Ledger();
  using peers = new Peers(ledger);
  const port = await freePort();
  const settings = { ...AS_STARTED, HTTP_PORT: String(port), ADMIN_TOKEN: TOKEN };
  await using broker = await FaultBroker.start(folder.path, settings);
  const game = await PingPong.start(peers, broker.port, '~by');
  const sockets = socketsOf(broker.process.pid);
  const statuses = new Map<number, number>();
  let requests = 0;
  let warmMiB = Number.NaN;
  const player = async () => {
    while (requests < REQUESTS && broker.process.running) {
      const { bytes, count } = fuzzRequests(choices);
      requests += count;
      for (const status of await play(port, bytes, choices)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (Number.isNaN(warmMiB) && requests > REQUESTS / 3) warmMiB = broker.residentMiB;
    }
  };
  const said = () => `seed ${choices.seed}, ${requests} requests, ${JSON.stringify([...statuses].sort())}`;
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, player));
  } catch (error) {
    throw new Error(said(), { cause: error });
  }
  const trips = await game.stop(1);
  expect(statuses.get(FAULT), said()).toBeUndefined();
  expect(statuses.size, said()).toBeGreaterThan(7);
  expect(statuses.get(200), said()).toBeGreaterThan(REQUESTS / 50);
  expect(quantile(trips, 0.5), said()).toBeLessThan(pacedNow(MEDIAN_MS));
  await until(
    () => socketsOf(broker.process.pid) <= sockets,
    () => `${sockets} sockets, ${said()}`,
  );
  await until(
    () => broker.residentMiB < warmMiB + MEMORY_LEFT_MIB,
    () => `${warmMiB} MiB, ${said()}`,
  );
  // No name and no place of a listener is taken by somebody who has gone.
  const init = { headers: { authorization: `Bearer ${TOKEN}` }, signal: AbortSignal.timeout(paced(30_000)) };
  const names = Array.from({ length: 40 }, (_, i) => `/v1/mail/after-${i}`);
  for (const path of [...names, '/v1/live', '/readyz']) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    await answer.body?.cancel();
    expect([path, answer.status], said()).toEqual([path, 200]);
  }
  const { code } = await broker.terminate();
  expect([code, broker.process.stderr], said()).toEqual([0, '']);
  expect(broker.process.stdout, said()).not.toMatch(/"level":[56]0|malformed|HTTP_FAILED|aborted/);
  expect(ledger.faults(), said()).toEqual([]);
});
