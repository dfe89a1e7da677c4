/** Lines with TLS: plain peers and programs, beside peers without it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../../src/tools/library/index.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { Peer } from '../../../helpers/peer.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await Certificates.make();
});
afterAll(() => certificates[Symbol.dispose]());

const securePort = ({ broker }: TestBroker) => broker.ports.secureAddress?.port ?? 0;

async function named(broker: TestBroker, name: string, options = {}): Promise<Peer> {
  const peer = await Peer.connectSecurely(securePort(broker), { ca: certificates.ca, ...options });
  peer.send(`${name}\n`);
  await peer.got(`* you are ${name}`);
  return peer;
}

describe('with TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s a plain peer talks to one without, both ways', async (version) => {
    await using broker = await startBroker(certificates.settings);
    const alice = await named(broker, 'alice', { minVersion: version, maxVersion: version });
    const bob = await broker.peer('bob');
    alice.send('bob: hello\n');
    await bob.got('from alice: hello\n');
    bob.send('alice: you too\n');
    await alice.got('from bob: you too\n');
    expect(broker.broker.view.sessions()).toHaveLength(2);
    await alice.leave();
  });

  it('an older version is refused, and one connection ends', async () => {
    await using broker = await startBroker(certificates.settings);
    const alice = await named(broker, 'alice');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(named(broker, 'bob', old)).rejects.toThrow();
    await until(() => broker.broker.ports.figures?.handshakes.results.failed === 1, 'the failure to be counted');
    alice.send('alice: still here\n');
    await alice.got('from alice: still here\n');
    alice.destroy();
  });

  it('a peer that ends its side still gets the mail that waited, and the end of the stream', async () => {
    await using broker = await startBroker(certificates.settings);
    await (await named(broker, 'bob')).leave();
    const alice = await broker.peer('alice');
    alice.send('bob: 1\nbob: 2\n');
    await broker.quiet();
    const bob = await named(broker, 'bob');
    await bob.leave();
    expect(bob.mail).toBe('from alice: 1\nfrom alice: 2\n');
    expect(bob.sawEnd).toBe(true);
  });

  it('a program acknowledges, and a plain peer without TLS answers it', async () => {
    await using broker = await startBroker(certificates.settings);
    const peer = await Peer.connectSecurely(securePort(broker), { ca: certificates.ca });
    const program = await ProgramPeer.over(peer, { name: 'worker' });
    const bob = await broker.peer('bob');
    bob.send('worker: job 1\nworker: job 2\n');
    await program.got('message', 2);
    program.ack('job 2').say({ type: 'send', id: 'a', to: ['bob'], body: 'done' });
    await bob.got('from worker: done\n');
    expect(await program.got('accepted')).toMatchObject([{ to: { bob: 'taken' } }]);
    peer.destroy();
  });

  it('the library reaches the broker by tls://, and trusts no other authority', async () => {
    await using broker = await startBroker(certificates.settings);
    const url = `tls://127.0.0.1:${securePort(broker)}`;
    await using ann = await connect(url, { name: 'ann', tls: { ca: certificates.ca } });
    await using bob = await connect(`tcp://127.0.0.1:${broker.port}`, { name: 'bob' });
    const messages = bob.messages();
    expect(await ann.send('bob', 'by TLS')).toMatchObject({ state: 'taken' });
    for await (const message of messages) {
      expect(message.body).toBe('by TLS');
      message.ack();
      break;
    }
    await expect(connect(url, { name: 'eve', reconnect: false })).rejects.toThrow();
  });
});

describe('without TLS, on its port,', () => {
  it.each([
    ['a line', 'bob\n', /^\* this port speaks TLS, .+\n$/],
    ['an object', '{"type":"hello","v":1}\n', /^\{"type":"bye","code":"NOT_TLS".+\}\n$/],
  ])('%s is answered in its own form', async (_what, bytes, answer) => {
    await using broker = await startBroker(certificates.settings);
    const peer = await Peer.connect(securePort(broker));
    peer.send(bytes);
    await peer.gone();
    expect(peer.received).toMatch(answer);
    peer.destroy();
  });

  it('a client that says nothing and leaves is no failure', async () => {
    await using broker = await startBroker(certificates.settings);
    const peer = await Peer.connect(securePort(broker));
    await until(() => broker.broker.ports.figures?.underWay === 1, 'the handshake to begin');
    peer.end();
    await until(() => broker.broker.ports.figures?.underWay === 0, 'the handshake to end');
    expect(broker.broker.ports.figures?.handshakes.results.failed).toBe(0);
    peer.destroy();
  });
});
