/** A certificate that is replaced while peers are connected. */
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { fastOrLong } from '../../../helpers/pace/long.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { Peer } from '../../../helpers/peer.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';

const SESSIONS = fastOrLong(100, 500);
const securePort = ({ broker }: TestBroker) => broker.ports.secureAddress?.port ?? 0;

/** The serial number of the certificate that a new connection is shown. */
function shown(broker: TestBroker, { ca }: Certificates, port = securePort(broker)): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

async function crowd(broker: TestBroker, { ca }: Certificates): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < SESSIONS; i++) {
    const peer = await Peer.connectSecurely(securePort(broker), { ca });
    peer.send(`p${i}\n`);
    peers.push(peer);
  }
  for (const [i, peer] of peers.entries()) await peer.got(`* you are p${i}\n`);
  return peers;
}

/** Each writes to the next. */
async function talk(peers: readonly Peer[], text: string): Promise<void> {
  for (const [i, peer] of peers.entries()) peer.send(`p${(i + 1) % peers.length}: ${text}\n`);
  for (const peer of peers) await peer.got(`: ${text}\n`);
}

describe('a new certificate', () => {
  it(`is shown to new connections, and cuts none of ${SESSIONS} sessions`, { timeout: paced(120_000) }, async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker(certificates.settings);
    const { ports } = broker.broker;
    const peers = await crowd(broker, certificates);
    const before = await shown(broker, certificates);
    await talk(peers, 'before');
    certificates.serve(await certificates.another());
    await until(() => ports.figures?.certificate.taken === 1, 'the new certificate to be taken');
    expect(await shown(broker, certificates)).not.toBe(before);
    await talk(peers, 'after');
    expect(peers.filter(({ closed, sawEnd }) => closed || sawEnd)).toEqual([]);
    for (const peer of peers) peer.destroy();
  });

  it('that is wrong is not taken, and a right one is after that, for HTTP too', async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker({ ...certificates.settings, HTTP_PORT: 0 });
    const { ports } = broker.broker;
    const before = await shown(broker, certificates);
    certificates.replace(certificates.settings.TLS_CERT, 'nonsense');
    await until(() => ports.figures?.certificate.good === false, 'the wrong certificate to be seen');
    expect(await shown(broker, certificates)).toBe(before);
    const next = await certificates.another();
    certificates.serve(next);
    await until(() => ports.figures?.certificate.taken === 1, 'the right certificate to be taken');
    expect(ports.figures?.certificate).toMatchObject({ good: true, kept: expect.any(Number) });
    expect(await ports.reload()).toBe('same');
    const httpPort = Number(new URL(broker.broker.httpUrl ?? '').port);
    const now = await shown(broker, certificates);
    expect(now).not.toBe(before);
    expect(await shown(broker, certificates, httpPort)).toBe(now);
  });
});
