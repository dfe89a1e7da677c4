/** Connections that never say a name are closed in time, cost little, and delay no other peer. */
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong, quantile } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

const CONNECTIONS = fastOrLong(500, 5_000);
const NAME_TIMEOUT_SECONDS = 2;
/** The time from the first connection to the end of the last. */
const AT_MOST_SECONDS = fastOrLong(5, 15);
const MEDIAN_MS = 50;
const LEFT_OVER_MIB = fastOrLong(60, 200);
const CROWDS_AGAIN = fastOrLong(1, 5);

/** Connects and sends nothing. @returns what the broker said, and after what time it ended the connection */
function nameless(port: number): Promise<{ readonly said: string; readonly seconds: number }> {
  return new Promise((resolve, reject) => {
    let said = '';
    const before = performance.now();
    const socket: Socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', reject);
    socket.on('data', (data: Buffer) => {
      said += data.toString();
    });
    socket.on('close', () => resolve({ said, seconds: (performance.now() - before) / 1000 }));
  });
}

async function crowd(port: number): Promise<Awaited<ReturnType<typeof nameless>>[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => nameless(port)));
}

it(`${CONNECTIONS} connections without a name are closed after ${NAME_TIMEOUT_SECONDS} s and leave less than ${LEFT_OVER_MIB} MiB`, {
  timeout: paced(300_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const settings = { NAME_TIMEOUT_SECONDS: String(NAME_TIMEOUT_SECONDS), DRAIN_SECONDS: String(paced(2)) };
  await using broker = await FaultBroker.start(folder.path, settings);
  const game = await PingPong.start(peers, broker.port, 'named');
  const freshMiB = broker.residentMiB;
  const before = performance.now();
  const ends = await crowd(broker.port);
  const seconds = (performance.now() - before) / 1000;
  const trips = await game.stop();

  expect(ends.filter(({ said }) => said !== `* no name within ${NAME_TIMEOUT_SECONDS} seconds\n`)).toEqual([]);
  expect(Math.min(...ends.map((end) => end.seconds))).toBeGreaterThan(NAME_TIMEOUT_SECONDS - 0.1);
  expect(seconds).toBeLessThan(pacedNow(AT_MOST_SECONDS));
  expect(quantile(trips, 0.5)).toBeLessThan(pacedNow(MEDIAN_MS));
  expect(ledger.faults()).toEqual([]);

  // Memory is returned to the system only while the broker works.
  const leftOver = () => broker.residentMiB - freshMiB;
  const life = await PingPong.start(peers, broker.port, 'life');
  await until(
    () => leftOver() < LEFT_OVER_MIB,
    () => `the memory of the first crowd: ${leftOver()} MiB are left`,
  );
  // More crowds take no more memory: they use the memory of the first one again.
  for (let again = 0; again < CROWDS_AGAIN; again++) await crowd(broker.port);
  await until(
    () => leftOver() < LEFT_OVER_MIB,
    () => `the memory of all crowds: ${leftOver()} MiB are left`,
  );
  await life.stop();
});
