/** Connections beyond the limits of an address or of an account are refused in a line, and the others serve on. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../../helpers/broker.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { Peer } from '../../../helpers/peer.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { until } from '../../../helpers/until.ts';
import { provenHello, TAKES_JWT } from './jwt.ts';

const ON = { RATE_LOOPBACK: 'on' };
const CROWD = 2_000;
const ADDRESSES = 20;
const EACH = 10;

describe('a crowd', { timeout: paced(60_000) }, () => {
  it('has so many connections of each address, the rest is told why, and who was there chats on', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS: String(EACH) });
    const bob = await Peer.connect(broker.port, '127.0.1.1');
    bob.send('bob\n');
    const crowd: Peer[] = [];
    for (let i = 0; i < CROWD; i++) crowd.push(await Peer.connect(broker.port, `127.0.0.${2 + (i % ADDRESSES)}`));
    bob.send('bob: still here\n');
    await bob.got('from bob: still here\n');
    const refused = () =>
      crowd.filter(({ received }) => received === `* more than ${EACH} connections from your address\n`);
    await until(
      () => refused().length === CROWD - ADDRESSES * EACH,
      () => `the refusals, ${refused().length}`,
    );
    expect(broker.broker.view.sessions()).toHaveLength(ADDRESSES * EACH + 1);
    const { counts } = await broker.broker.view.figures();
    expect(counts.refused.get('ADDRESS_CROWDED')).toBe(CROWD - ADDRESSES * EACH);
    for (const peer of [...crowd, bob]) peer.destroy();
    await until(() => broker.broker.view.sessions().length === 0, 'all to leave');
    const again = await Peer.connect(broker.port, '127.0.0.2');
    again.send('again\n');
    await again.got('* you are again\n');
    again.destroy();
  });
});

describe('a connection', () => {
  it('too many in a minute is told when to come again, in the words of its protocol', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS_A_MINUTE: '2' });
    await (await broker.peer('alice')).leave();
    await broker.peer('bob');
    const third = await broker.connect();
    await third.gone();
    expect(third.received).toMatch(/^\* too many new connections: try again in (29|30) seconds\n$/);
    const web = await fetch(`${broker.broker.httpUrl}/v1/mail/carol`);
    expect([web.status, web.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  });

  it('from this machine has no limit unless a setting says so', async () => {
    await using broker = await startBroker({ ADDRESS_CONNECTIONS: '1', ADDRESS_CONNECTIONS_A_MINUTE: '1' });
    for (const name of ['alice', 'bob', 'carol']) expect((await broker.peer(name)).sawEnd).toBe(false);
  });

  it('of an account is refused once it has proved its name', async () => {
    await using broker = await startBroker({
      ...TAKES_JWT,
      ACCOUNT_CONNECTIONS_A_MINUTE: '2',
    });
    const hello = await provenHello('bob');
    const first = await ProgramPeer.hello(broker, hello);
    const second = await ProgramPeer.hello(broker, hello);
    await first.got('bye');
    const third = await ProgramPeer.hello(broker, hello);
    expect(await third.got('bye')).toEqual([
      { type: 'bye', code: 'TOO_OFTEN', message: expect.stringContaining('try again in'), retry: expect.any(Number) },
    ]);
    expect([first.of('bye')[0]?.code, second.of('bye')]).toEqual(['TAKEN_OVER', []]);
    const other = await ProgramPeer.hello(broker, await provenHello('eve'));
    expect(other.of('welcome')).toHaveLength(1);
    for (const { peer } of [first, second, third, other]) peer.destroy();
  });
});
