/** A client certificate proves the names that it has. */
import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Certified } from '../../../src/tools/cli/restante/commands/certs/authority.ts';
import type { TestBroker } from '../../helpers/broker.ts';
import { Peer } from '../../helpers/peer.ts';
import { Certificates } from '../../helpers/programs/tls/made.ts';
import { AuthBroker, accountOf, tokenOf } from './accounts.ts';

let certificates: Certificates;
let alice: Certified;
let bob: Certified;

beforeAll(async () => {
  certificates = await Certificates.make();
  [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => certificates.authority.forClient(name)))) as [
    Certified,
    Certified,
  ];
});
afterAll(() => certificates[Symbol.dispose]());

function start(settings = {}): Promise<AuthBroker> {
  const asks = {
    ...certificates.settings,
    TLS_CLIENT_CA: certificates.caFile,
    HTTP_PORT: '0',
    HOLD_UNKNOWN: 'on',
    ...settings,
  };
  return AuthBroker.start({ accounts: [accountOf('alice', ['bob']), accountOf('bob')] }, asks);
}

/** A plain peer with TLS that says a name. */
async function plain({ broker }: TestBroker, credentials: Certified, name: string): Promise<Peer> {
  const { ca } = certificates;
  const peer = await Peer.connectSecurely(broker.ports.secureAddress?.port ?? 0, { ca, ...credentials });
  peer.send(`${name}\n`);
  return peer;
}

/** A request over HTTPS. @returns its status and what is answered */
async function ask({ broker }: TestBroker, credentials: Certified, path: string, body?: string, headers = {}) {
  const method = body === undefined ? 'GET' : 'POST';
  const options = { ...credentials, ca: certificates.ca, agent: false, method, headers };
  const asked = request(`${broker.httpUrl}${path}`, options).end(body);
  const [answer] = await once(asked, 'response');
  return { status: Number(answer.statusCode), text: await text(answer) };
}

describe('a client certificate', () => {
  it('proves its name, and no other one', async () => {
    await using it_ = await start();
    const own = await plain(it_.up, alice, 'alice');
    await own.got('* you are alice');
    const foreign = await plain(it_.up, alice, 'bob');
    await foreign.got('* password for bob?');
    foreign.end();
    await foreign.gone();
    expect(foreign.received).not.toContain('you are');
    own.destroy();
  });

  it('takes its name over, and writes as the account of the name may', async () => {
    await using it_ = await start();
    const first = await plain(it_.up, alice, 'alice');
    await first.got('* you are alice');
    const second = await plain(it_.up, alice, 'alice');
    await first.got('* taken over');
    second.send('bob: yes\ncarol: no\n');
    await second.got('* you may not write to carol');
    await second.got('* bob is away');
    second.destroy();
  });

  it('is not looked at where a wrong proof is given', async () => {
    await using it_ = await start();
    const { port } = it_.up.broker.ports.secureAddress ?? { port: 0 };
    const peer = await Peer.connectSecurely(port, { ca: certificates.ca, ...alice });
    peer.send(`${JSON.stringify({ type: 'hello', v: 1, name: 'alice', token: 'wrong' })}\n`);
    await peer.got('AUTH_FAILED');
    peer.destroy();
  });

  it('proves its name over HTTPS: it sends and reads under that name alone', async () => {
    await using it_ = await start();
    expect(await ask(it_.up, alice, '/v1/send/bob?from=alice', 'to bob')).toMatchObject({ status: 202 });
    expect(await ask(it_.up, alice, '/v1/send/bob?from=bob', 'no')).toMatchObject({ status: 401 });
    expect(await ask(it_.up, alice, '/v1/mail/bob')).toMatchObject({ status: 401 });
    const { status, text: mail } = await ask(it_.up, bob, '/v1/mail/bob');
    expect([status, JSON.parse(mail)]).toMatchObject([200, { from: 'alice', body: 'to bob' }]);
    // It is leased now. The certificate of another name does not acknowledge it.
    const ack = JSON.stringify({ seq: JSON.parse(mail).seq });
    expect(await ask(it_.up, alice, '/v1/mail/bob/ack', ack)).toMatchObject({ status: 401 });
    expect(await ask(it_.up, bob, '/v1/mail/bob/ack', ack)).toMatchObject({ status: 200 });
  });

  it('lets its owner look into the mailbox of its name, and of no other one', async () => {
    await using it_ = await start({ ADMIN_TOKEN: 'the-token-of-the-operator' });
    expect(await ask(it_.up, alice, '/v1/send/bob?from=alice', 'to bob')).toMatchObject({ status: 202 });
    const { status, text: mail } = await ask(it_.up, bob, '/v1/names/bob/mail');
    expect([status, JSON.parse(mail)]).toMatchObject([200, { messages: [{ text: 'to bob' }] }]);
    for (const name of ['bob', '~bob', '*']) {
      expect(await ask(it_.up, alice, `/v1/names/${name}/mail`)).toMatchObject({ status: 401 });
    }
  });

  it('of a proxy opens no mailbox to its clients', async () => {
    await using it_ = await start({ ADMIN_TOKEN: 'the-token-of-the-operator', PROXY_FROM: '127.0.0.1' });
    const client = { 'x-forwarded-for': '192.0.2.1' };
    expect(await ask(it_.up, bob, '/v1/names/bob/mail', undefined, client)).toMatchObject({ status: 401 });
    expect(await ask(it_.up, bob, '/v1/names/bob/mail')).toMatchObject({ status: 404 });
  });

  it('and a token of the same name are two proofs, and each takes the name over', async () => {
    await using it_ = await start();
    const [token, stored] = tokenOf(['bob']);
    await it_.change({ accounts: [accountOf('bob')], tokens: [stored] });
    const headers = { authorization: `Bearer ${token}` };
    expect(await ask(it_.up, alice, '/v1/mail/bob', undefined, headers)).toMatchObject({ status: 200 });
    expect(await ask(it_.up, bob, '/v1/mail/bob')).toMatchObject({ status: 200 });
  });

  it('proves its name for a WebSocket', async () => {
    await using it_ = await start();
    const url = `${it_.up.broker.httpUrl?.replace('https:', 'wss:')}/v1/ws`;
    for (const [name, told] of [
      ['alice', 'welcome'],
      ['bob', 'bye'],
    ] as const) {
      const socket = new WebSocket(url, 'restante.v1', { ca: certificates.ca, ...alice });
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'hello', v: 1, name }));
      const [message] = await once(socket, 'message');
      expect(JSON.parse(String(message))).toMatchObject({ type: told });
      socket.terminate();
    }
  });

  it('says nothing of a name with AUTH=off', async () => {
    await using it_ = await start({ AUTH: 'off' });
    const peer = await plain(it_.up, alice, 'bob');
    await peer.got('* you are bob');
    peer.destroy();
  });
});
