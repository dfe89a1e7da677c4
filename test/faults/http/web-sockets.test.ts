/** What idle peers over WebSocket take: the broker is a process of its own, and is measured before and after. */
import { expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { clientFrame } from '../../helpers/programs/web-frames.ts';
import { until } from '../../helpers/until.ts';

const SOCKETS = fastOrLong(500, 5_000);
const AT_ONCE = 100;
const MOST_KIB = 40;
const KIB_IN_MIB = 1_024;
/** The broker asks whether a program lives; the answer is sent before it is given up. */
const PONG = clientFrame('{"type":"pong"}');

/** Clients with a name each. */
async function come(web: { readonly port: number }, round: string): Promise<WebClient[]> {
  const clients: WebClient[] = [];
  while (clients.length < SOCKETS) {
    const names = Array.from({ length: AT_ONCE }, (_, i) => `${round}-${clients.length + i}`);
    clients.push(...(await Promise.all(names.map((name) => WebClient.hello({ web }, { name })))));
    for (const client of clients) client.send(PONG);
  }
  return clients;
}

it(`${SOCKETS} idle peers take less than ${MOST_KIB} KiB each`, { timeout: paced(300_000) }, async () => {
  using folder = temporaryFolder();
  const port = await freePort();
  const settings = { ...AS_STARTED, HTTP_PORT: String(port), HOLD_SECONDS: '0', NAME_TIMEOUT_SECONDS: '120' };
  await using broker = await FaultBroker.start(folder.path, settings);
  // Code is compiled, and buffers of the whole process are made, for the first of them.
  const first = await WebClient.hello({ web: { port } }, { name: 'first' });
  first[Symbol.dispose]();
  const before = broker.residentMiB;
  const clients = await come({ port }, 'peer');
  using _ = { [Symbol.dispose]: () => clients.splice(0).map((client) => client[Symbol.dispose]()) };
  const eachKib = () => ((broker.residentMiB - before) * KIB_IN_MIB) / SOCKETS;
  let least = eachKib();
  const isSmall = () => {
    least = Math.min(least, eachKib());
    return least < MOST_KIB;
  };
  await until(isSmall, () => `less than ${least.toFixed(1)} KiB a peer`);
  expect(clients.filter(({ closed }) => closed)).toEqual([]);
  const { code } = await broker.terminate();
  expect(code).toBe(0);
});
