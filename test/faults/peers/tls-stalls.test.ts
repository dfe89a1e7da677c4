/** Handshakes that stall, more of them than may be under way: nobody else notices. */
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { MAX_HANDSHAKES } from '../../../src/transport/secure/handshakes.ts';
import { startBroker } from '../../helpers/broker.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { Certificates } from '../../helpers/programs/tls/made.ts';
import { until } from '../../helpers/until.ts';

const STALLED = MAX_HANDSHAKES - 24;
/** The first bytes of a handshake, which say that more follow. */
const BEGUN = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);

function stall(port: number, bytes: Uint8Array): Socket {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  if (bytes.length > 0) socket.write(bytes);
  return socket;
}

it(`${STALLED} handshakes that stall delay no peer`, { timeout: paced(120_000) }, async () => {
  using certificates = await Certificates.make();
  await using broker = await startBroker(certificates.settings);
  const { ports } = broker.broker;
  const port = ports.secureAddress?.port ?? 0;
  const alice = await broker.peer('alice');
  const stalled = Array.from({ length: STALLED }, (_, i) => stall(port, i % 2 === 0 ? BEGUN : Buffer.alloc(0)));
  await until(() => ports.figures?.underWay === STALLED, 'all to be under way');
  const bob = await Peer.connectSecurely(port, { ca: certificates.ca });
  bob.send('bob\nalice: in time\n');
  await alice.got('from bob: in time\n');
  alice.send('bob: so are you\n');
  await bob.got('from alice: so are you\n');
  expect([ports.figures?.underWay, ports.figures?.handshakes.results.failed]).toEqual([STALLED, 0]);
  for (const socket of stalled) socket.destroy();
  await until(() => ports.figures?.underWay === 0, 'all to end');
  bob.send('alice: still here\n');
  await alice.got('from bob: still here\n');
  bob.destroy();
});
