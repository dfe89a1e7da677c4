/** What the metrics say of TLS: handshakes, versions, and when the certificate ends. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startBroker } from '../../../helpers/broker.ts';
import { Peer } from '../../../helpers/peer.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';
import { isInstalled } from '../../documents/clone.ts';

function scraped(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(`${url}/metrics`, { ca, agent: false }, (answer) => text(answer).then(resolve, reject));
    asked.once('error', reject);
  });
}

it('the metrics count handshakes and connections of TLS, and say when the certificate ends', async () => {
  using certificates = await Certificates.make();
  await using broker = await startBroker({ SHARDS: 1, ...certificates.settings });
  const { ports, httpUrl = '' } = broker.broker;
  const port = ports.secureAddress?.port ?? 0;
  const alice = await Peer.connectSecurely(port, { ca: certificates.ca, maxVersion: 'TLSv1.2' });
  alice.send('alice\n');
  await alice.got('* you are alice');
  const stalled = connect({ port, host: '127.0.0.1' });
  await until(() => ports.figures?.underWay === 1, 'a handshake to be under way');
  const plain = connect({ port, host: '127.0.0.1' }, () => plain.write('bob\n')).resume();
  await until(() => ports.figures?.handshakes.results.failed === 1, 'a handshake to fail');
  const metrics = await scraped(httpUrl, certificates.ca);
  const expiry = Date.parse(new X509Certificate(certificates.server.cert).validTo) / 1000;
  const expected = [
    'restante_connections{kind="plain",transport="tls"} 1',
    'restante_connections_accepted_total{transport="tls"} 1',
    'restante_tls_handshakes_total{result="done"} 2',
    'restante_tls_handshakes_total{result="failed"} 1',
    'restante_tls_handshakes_total{result="refused"} 0',
    'restante_tls_connections_total{version="tlsv1.2"} 1',
    'restante_tls_connections_total{version="tlsv1.3"} 1',
    `restante_tls_certificate_expiry_timestamp_seconds ${expiry}`,
    'restante_tls_certificate_last_read_successful 1',
  ];
  expect(metrics.split('\n').filter((line) => expected.includes(line))).toEqual(expected);
  if (isInstalled('promtool')) {
    expect(execFileSync('promtool', ['check', 'metrics'], { input: metrics }).toString()).toBe('');
  }
  for (const socket of [stalled, plain, alice]) socket.destroy();
});

it('the metrics have no value of TLS where there is none, so that no alert takes it for an end', async () => {
  await using broker = await startBroker({ SHARDS: 1 });
  const metrics = await (await fetch(`${broker.broker.httpUrl}/metrics`)).text();
  expect(metrics).toContain('# TYPE restante_tls_certificate_expiry_timestamp_seconds gauge');
  expect(metrics).not.toMatch(/^restante_tls/m);
});
