/** PROXY_FROM: the address of a client is the one that a trusted proxy says, and nobody else is believed. */
import { connect as connectSocket } from 'node:net';
import { connect as connectSecurely, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { Peer } from '../../../helpers/peer.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { WebClient } from '../../../helpers/programs/web-client.ts';
import { upgradeRequest } from '../../../helpers/programs/web-frames.ts';
import { until } from '../../../helpers/until.ts';

const V1 = 'PROXY TCP4 192.0.2.7 127.0.0.1 1234 8080\r\n';
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc00002087f00000104d31f90', 'hex');
const LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
const PROXY = '127.0.0.9';
const TRUSTS = { PROXY_FROM: '10.0.0.0/8,127.0.0.9' };

function peersOf(broker: TestBroker): string[] {
  return broker.broker.view.sessions().map(({ peer }) => peer);
}

describe('behind a trusted proxy', () => {
  it.each([
    ['1', Buffer.from(V1), '192.0.2.7:1234'],
    ['2', V2, '192.0.2.8:1235'],
  ])(
    'a peer has its own address, by version %s, and what came with the header is read',
    async (_v, header, address) => {
      await using broker = await startBroker({ ...TRUSTS, ADDRESS_CONNECTIONS: '1' });
      const bob = await Peer.connect(broker.port, PROXY);
      bob.send(Buffer.concat([header, Buffer.from('bob\nbob: with the header\nbob: in')])).send(' parts\n');
      await bob.got('from bob: with the header\nfrom bob: in parts\n');
      expect(peersOf(broker)).toEqual([address]);
      const second = await Peer.connect(broker.port, PROXY);
      second.send(header);
      await second.got('* more than 1 connections from your address\n');
      for (const peer of [bob, second]) peer.destroy();
    },
  );

  it('a peer may have its header in single bytes', async () => {
    await using broker = await startBroker(TRUSTS);
    const bob = await Peer.connect(broker.port, PROXY);
    for (const byte of Buffer.concat([V2, Buffer.from('bob\nbob: hi\n')])) bob.send(Buffer.from([byte]));
    await bob.got('from bob: hi\n');
    expect(peersOf(broker)).toEqual(['192.0.2.8:1235']);
    bob.destroy();
  });

  it('what the proxy says of itself has its own address', async () => {
    await using broker = await startBroker(TRUSTS);
    const proxy = await Peer.connect(broker.port, PROXY);
    proxy.send(LOCAL).send('proxy\n');
    await proxy.got('* you are proxy\n');
    expect(peersOf(broker)).toEqual([`${PROXY}:${proxy.port}`]);
    proxy.destroy();
  });

  it('a peer without a header is refused in a line', async () => {
    await using broker = await startBroker(TRUSTS);
    const bob = await Peer.connect(broker.port, PROXY);
    bob.send('bob\n');
    await bob.gone();
    expect(bob.received).toMatch(/^\* your proxy has not said whom it speaks for: it has not begun with a header/);
    const { counts } = await broker.broker.view.figures();
    expect(counts.refused.get('PROXY_REFUSED')).toBe(1);
    expect(peersOf(broker)).toEqual([]);
    bob.destroy();
  });

  it('a client of HTTP and of WebSocket has the address of X-Forwarded-For', async () => {
    await using broker = await startBroker({ PROXY_FROM: '127.0.0.1', ADDRESS_CONNECTIONS: '1' });
    const headers = { 'x-forwarded-for': '203.0.113.1, 192.0.2.7' };
    const get = fetch(`${broker.broker.httpUrl}/v1/mail/bob?wait=20`, { headers }).catch(() => undefined);
    await until(() => peersOf(broker).length === 1, 'the session');
    expect(peersOf(broker)).toEqual(['192.0.2.7']);
    const second = await fetch(`${broker.broker.httpUrl}/v1/mail/carol`, { headers });
    expect(second.status).toBe(429);
    using client = await WebClient.to(broker, upgradeRequest({ 'X-Forwarded-For': '2001:db8::9' }));
    client.say({ type: 'hello', v: 1, name: 'eve' });
    await until(() => peersOf(broker).includes('[2001:db8::9]'), 'the WebSocket, with its address');
    using another = await WebClient.to(broker, upgradeRequest({ 'X-Forwarded-For': '2001:db8::10' }));
    await until(() => another.closed, 'the second one of the same /64 to be closed');
    await fetch(`${broker.broker.httpUrl}/v1/send/bob?from=carol`, { method: 'POST', body: 'hi' });
    await get;
  });
});

describe('who is no trusted proxy', () => {
  it.each([
    ['1', Buffer.from(V1), 'the first line looks like PROXY'],
    ['2', V2, 'the first line'],
  ])('is not believed, with a header of version %s', async (_v, header, says) => {
    await using broker = await startBroker(TRUSTS);
    const liar = await Peer.connect(broker.port, '127.0.0.8');
    liar.send(Buffer.concat([header, Buffer.from('bob\n')]));
    await until(() => liar.received !== '' || liar.sawEnd, 'an answer');
    expect(peersOf(broker).filter((peer) => peer.startsWith('192.'))).toEqual([]);
    expect(liar.received).toContain(says === 'the first line' ? '* ' : says);
    liar.destroy();
  });

  it('is not believed over HTTP', async () => {
    await using broker = await startBroker(TRUSTS);
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    const get = fetch(`${broker.broker.httpUrl}/v1/mail/bob?wait=20`, { headers });
    await until(() => peersOf(broker).length === 1, 'the session');
    expect(peersOf(broker)[0]).toMatch(/^http 127\.0\.0\.1:/);
    await fetch(`${broker.broker.httpUrl}/v1/send/bob?from=carol`, { method: 'POST', body: 'hi' });
    expect((await get).status).toBe(200);
  });
});

describe('with TLS', () => {
  it('the header comes before the handshake, and who has none or too many is closed', async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker({ ...certificates.settings, ...TRUSTS, ADDRESS_CONNECTIONS: '1' });
    const port = broker.broker.ports.secureAddress?.port ?? 0;
    const over = (header: Buffer) =>
      new Promise<TLSSocket | 'closed'>((resolve) => {
        const socket = connectSocket({ port, host: '127.0.0.1', localAddress: PROXY });
        socket.write(header);
        const secure = connectSecurely({ socket, ca: certificates.ca, servername: 'localhost' });
        secure.on('error', () => resolve('closed')).on('close', () => resolve('closed'));
        secure.once('secureConnect', () => resolve(secure));
      });
    const bob = await over(V2);
    expect(bob).not.toBe('closed');
    await until(() => peersOf(broker).length === 1, 'the session');
    expect(peersOf(broker)).toEqual(['192.0.2.8:1235']);
    expect([await over(V2), await over(Buffer.alloc(0))]).toEqual(['closed', 'closed']);
    const { counts } = await broker.broker.view.figures();
    expect([...counts.refused]).toEqual([
      ['ADDRESS_CROWDED', 1],
      ['PROXY_REFUSED', 1],
    ]);
    if (bob !== 'closed') bob.destroy();
  });
});
