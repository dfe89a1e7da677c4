/** The client library over TLS, to a broker behind a server that speaks it. Certificates are made for the test. */
import { describe, expect, it } from 'vitest';
import { newAuthority } from '../../../src/tools/cli/restante/commands/certs/authority.ts';
import { type ConnectOptions, connect, type Message, type TlsOptions } from '../../../src/tools/library/index.ts';
import { startBroker } from '../../helpers/broker.ts';
import { Relay } from '../../helpers/programs/relay.ts';
import { selfSigned } from '../../helpers/programs/tls/self-signed.ts';
import { TlsFront } from '../../helpers/programs/tls/tls-front.ts';
import { inTime, until } from '../../helpers/until.ts';

const SOON: ConnectOptions = { reconnect: { firstPauseMs: 1, maxPauseMs: 20 } };
/** A client that would try again, and be seen to. */
const FEW: ConnectOptions = { reconnect: { firstPauseMs: 1, maxPauseMs: 20, attempts: 3 } };
const LONGEST_BODY_BYTES = 65_000;
/** Where nothing is passed on, because no connection comes so far. */
const NOWHERE = 9;
const HOST = '127.0.0.1';

const authority = await newAuthority();
const ca = authority.cert;
const good = await authority.forHosts(['localhost', 'broker.test', HOST]);

const urlOf = ({ port }: { readonly port: number }, host = HOST) => `tls://${host}:${port}`;

/** Takes and acknowledges messages. */
async function take(messages: AsyncIterator<Message, undefined>, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) {
    const { value } = await inTime(messages.next(), `message ${taken.length + 1} of ${count}`);
    if (value === undefined) throw new Error(`the messages end after ${taken.length}`);
    value.ack();
    taken.push(value);
  }
  return taken;
}

const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);

describe('over TLS', () => {
  it('two clients send, receive, acknowledge, ask and answer, and end in order', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, good);
    const ann = await connect(urlOf(front), { name: 'ann', tls: { ca } });
    const bob = await connect(urlOf(front, 'localhost'), { name: 'bob', tls: { ca: new TextEncoder().encode(ca) } });
    const toAnn = ann.messages();
    const toBob = bob.messages();
    const sent = await ann.send('bob', 'ä€😀', { receipt: true });
    expect(sent.state).toBe('taken');
    expect(bodies(await take(toBob, 1))).toEqual(['ä€😀']);
    await inTime(sent.acked(), 'the receipt');
    await bob.send('ann', { back: 1 });
    expect(bodies(await take(toAnn, 1))).toEqual([{ back: 1 }]);
    const asking = ann.request('bob', 'time?');
    await (await take(toBob, 1))[0]?.reply('noon');
    expect(await inTime(asking, 'the reply')).toBe('noon');
    await inTime(Promise.all([ann.drain(), bob.drain()]), 'the ends');
    await until(() => broker.broker.view.sessions().length === 0, 'both to have left');
    expect(await broker.held()).toBe(0);
  });

  it('the longest lines come whole, both ways, many at a time', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, good);
    await using ann = await connect(urlOf(front), { name: 'ann', tls: { ca } });
    await using bob = await connect(urlOf(front), { name: 'bob', tls: { ca } });
    const long = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(LONGEST_BODY_BYTES));
    const sending = [...long.map((body) => ann.send('bob', body)), ...long.map((body) => bob.send('ann', body))];
    const [toAnn, toBob] = await Promise.all([take(ann.messages(), 20), take(bob.messages(), 20)]);
    await inTime(Promise.all(sending), 'the answers');
    expect(bodies(toAnn)).toEqual(long);
    expect(bodies(toBob)).toEqual(long);
  });

  it('a client comes back when the connection is cut, and nothing is lost or out of order', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, good);
    await using relay = await Relay.to(front.port);
    const url = relay.url.replace('tcp:', 'tls:');
    await using bob = await connect(`tcp://${HOST}:${broker.port}`, { name: 'bob' });
    const toBob = bob.messages();
    await using ann = await connect(url, { name: 'ann', tls: { ca }, ...SOON });
    const ids: string[] = [];
    // In the middle of records, of handshakes too: the first bytes of the next connection count as well.
    for (const [round, bytes] of [10, 300, 700, 1_500, 5_000].entries()) {
      relay.cutAfter(round % 2 === 0 ? 'to broker' : 'to client', bytes, round % 2 === 0 ? 'end' : 'reset');
      const some = Array.from({ length: 30 }, (_, i) => `m-${30 * round + i}`);
      await inTime(Promise.all(some.map((id) => ann.send('bob', `€ ${id}`, { id }))), 'the answers');
      ids.push(...some);
      relay.cut();
    }
    const taken = new Set<string | undefined>();
    while (taken.size < ids.length) taken.add((await take(toBob, 1))[0]?.id);
    expect([...taken]).toEqual(ids);
    expect(relay.connections).toBeGreaterThan(5);
  });

  it('a server that asks for the certificate of the client gets it', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, { ...good, ca, requestCert: true, rejectUnauthorized: true });
    await using ann = await connect(urlOf(front), { name: 'ann', tls: { ca, ...(await authority.forClient('ann')) } });
    expect((await ann.send('ann', 1)).state).toBe('taken');
  });

  it('a name in the certificate may be given beside the address', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, await authority.forHosts(['broker.test']));
    await using ann = await connect(urlOf(front), { name: 'ann', tls: { ca, servername: 'broker.test' } });
    await using bob = await connect(urlOf(front), { name: 'bob', tls: { rejectUnauthorized: false } });
    expect((await ann.send('bob', 1)).state).toBe('taken');
    expect(bob.current.state).toBe('connected');
  });
});

describe('a certificate that is not taken ends the client at once, with what is wrong and what to do', async () => {
  const stranger = await newAuthority();
  const other = await authority.forHosts(['elsewhere.test']);
  const old = await authority.forHosts([HOST], [-3, -1]);
  const early = await authority.forHosts([HOST], [1, 3]);
  it.each([
    ['no CA is given', good, {}, /certificate.*: give .* as tls\.ca, or .* NODE_EXTRA_CA_CERTS/],
    ['the CA is another one', good, { ca: stranger.cert }, /certificate.*: give .* as tls\.ca/],
    ['it signs itself', selfSigned(), {}, /self-signed certificate.*: give .* as tls\.ca/],
    ['it is for another host', other, { ca }, /127\.0\.0\.1 is not in .* name it with tls\.servername/],
    [
      'the name beside is another one',
      good,
      { ca, servername: 'x.test' },
      /x\.test\. is not in .*broker\.test.* with tls\.servername/,
    ],
    ['it has expired', old, { ca }, /has expired: the broker needs a new certificate/],
    ['it is not valid yet', early, { ca }, /not yet valid: compare the clocks/],
  ])('%s', async (_what, certificate, tls: TlsOptions, message) => {
    await using front = await TlsFront.to(NOWHERE, certificate);
    await expect(inTime(connect(urlOf(front), { name: 'bob', tls, ...FEW }), 'the error')).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringMatching(message),
    });
    expect(front.connections).toBe(1);
  });

  it('the client has none, and the server asks for one', async () => {
    await using front = await TlsFront.to(NOWHERE, { ...good, ca, requestCert: true, rejectUnauthorized: true });
    await expect(inTime(connect(urlOf(front), { tls: { ca }, ...FEW }), 'the error')).rejects.toMatchObject({
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringContaining('set tls.cert and tls.key'),
    });
    expect(front.connections).toBe(1);
  });

  it('the broker has another one after a cut', async () => {
    await using broker = await startBroker();
    await using front = await TlsFront.to(broker.port, good);
    await using relay = await Relay.to(front.port);
    const bob = await connect(relay.url.replace('tcp:', 'tls:'), { name: 'bob', tls: { ca }, ...FEW });
    const next = bob.messages().next();
    front.use(old);
    relay.cut();
    await expect(inTime(next, 'the end')).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
    await expect(bob.send('bob', 1)).rejects.toMatchObject({ code: 'CERTIFICATE_REFUSED' });
    expect(relay.connections).toBe(2);
  });
});

describe('wrong use', async () => {
  const another = await authority.forClient('another');

  it('of an end that does not speak TLS is said at once', async () => {
    await using broker = await startBroker();
    await expect(inTime(connect(urlOf(broker), FEW), 'the error')).rejects.toMatchObject({
      code: 'NO_TLS',
      message: expect.stringContaining('is tcp:// meant?'),
    });
  });

  it.each([
    ['a certificate that is none', { cert: 'no certificate' }],
    ['a key that does not belong to the certificate', { cert: good.cert, key: another.key }],
  ])('%s connects to nobody', async (_what, tls) => {
    await using front = await TlsFront.to(NOWHERE, good);
    await expect(connect(urlOf(front), { tls })).rejects.toMatchObject({ name: 'UsageError', code: 'WRONG_USE' });
    expect(front.connections).toBe(0);
  });
});
