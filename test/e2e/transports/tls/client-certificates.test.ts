/** TLS_CLIENT_CA: who has no certificate of that authority does not come in, and the log says why. */
import { get } from 'node:https';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/shared/common/log/log.ts';
import { newAuthority } from '../../../../src/tools/cli/restante/commands/certs/authority.ts';
import { startBroker } from '../../../helpers/broker.ts';
import { Peer } from '../../../helpers/peer.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';

async function asking(settings = {}) {
  const certificates = await Certificates.make();
  const problems: unknown[] = [];
  const log = Object.assign(createLog('silent'), {
    warn: ({ problem }: { readonly problem?: string }) => void problems.push(problem),
  });
  const asks = { ...certificates.settings, ...settings, TLS_CLIENT_CA: certificates.caFile };
  const broker = await startBroker(asks, log);
  const port = broker.broker.ports.secureAddress?.port ?? 0;
  return { certificates, broker, port, problems, ca: certificates.ca };
}

describe('where clients need a certificate', () => {
  it('one that has it comes in', async () => {
    const { certificates, broker, port, ca } = await asking();
    await using _ = broker;
    using __ = certificates;
    const alice = await Peer.connectSecurely(port, { ca, ...(await certificates.authority.forClient('alice')) });
    alice.send('alice\nalice: in\n');
    await alice.got('from alice: in\n');
    alice.destroy();
  });

  it('none, and one of another authority, end the handshake with a reason in the log', async () => {
    const { certificates, broker, port, ca, problems } = await asking();
    await using _ = broker;
    using __ = certificates;
    const stranger = await (await newAuthority()).forClient('alice');
    const isServer = await certificates.another();
    const failed = () => broker.broker.ports.figures?.handshakes.results.failed ?? 0;
    let tries = 0;
    for (const credentials of [{}, stranger, isServer]) {
      tries++;
      const peer = await Peer.connectSecurely(port, { ca, ...credentials, maxVersion: 'TLSv1.3' });
      peer.send('alice\n');
      await peer.gone();
      expect(peer.received).toBe('');
      peer.destroy();
      await until(() => failed() === tries, 'the failure to be counted');
    }
    // The others are said later, because lines of one code are limited.
    expect(problems).toEqual(['the peer has sent no certificate, which TLS_CLIENT_CA asks for']);
    expect(broker.broker.view.sessions()).toEqual([]);
  });

  it('HTTP asks for it too', async () => {
    const { certificates, broker, ca } = await asking({ HTTP_PORT: '0' });
    await using _ = broker;
    using __ = certificates;
    const status = (credentials: object) =>
      new Promise((resolve, reject) => {
        const options = { ca, ...credentials, agent: false };
        get(`${broker.broker.httpUrl}/livez`, options, (answer) => resolve(answer.resume().statusCode)).on(
          'error',
          reject,
        );
      });
    expect(await status(await certificates.authority.forClient('ops'))).toBe(200);
    await expect(status({})).rejects.toThrow();
  });
});
