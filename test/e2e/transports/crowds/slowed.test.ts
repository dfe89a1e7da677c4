/** Who sends more than it may is read more slowly, is told, and loses nothing. */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../../src/shared/common/config.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { Peer } from '../../../helpers/peer.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { until } from '../../../helpers/until.ts';

const TOLD = '* you send more than you may: it is read more slowly, and nothing of it is lost\n';
const ON = { RATE_LOOPBACK: 'on', RATE_BURST_SECONDS: '1' };
/** More lines than a session may send on in one turn, and few enough for one read. */
const LINES = 3_000;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

async function slowed(broker: TestBroker): Promise<readonly (readonly [string, number])[]> {
  return [...(await broker.broker.view.figures()).slowed];
}

async function ends(broker: TestBroker): Promise<readonly (readonly [string, number])[]> {
  return [...(await broker.broker.view.figures()).counts.ended];
}

describe('a session that sends more than its address may', { timeout: paced(30_000) }, () => {
  it('messages, waits, is told once, and all arrive in order, also when it leaves at once', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '200' });
    const bob = await broker.peer('bob');
    const since = performance.now();
    const alice = await Peer.connect(broker.port);
    alice.send(`alice\n${numbers(300).join('\n').replace(/^/gm, 'bob: ')}\n`);
    await alice.got(TOLD);
    await bob.got('from alice: 299\n');
    expect(performance.now() - since).toBeGreaterThan(450);
    alice.send(numbers(50).join('\n').replace(/^/gm, 'bob: again ').concat('\n'));
    await alice.leave();
    await bob.got('from alice: again 49\n');
    const all = [...numbers(300), ...numbers(50).map((n) => `again ${n}`)];
    expect(bob.mail).toBe(all.map((n) => `from alice: ${n}\n`).join(''));
    expect(alice.received.split(TOLD)).toHaveLength(2);
    expect(await slowed(broker)).toEqual([['address_messages', 1]]);
  });

  it('is kicked, and what was read of it has gone on', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '100' });
    const bob = await broker.peer('bob');
    const alice = await Peer.connect(broker.port);
    alice.send(`alice\n${numbers(LINES).join('\n').replace(/^/gm, 'bob: ')}\n`);
    await alice.got(TOLD);
    const { view } = broker.broker;
    view.admin.kick(view.sessions().find(({ name }) => name === 'alice')?.session ?? 0);
    await alice.gone();
    await bob.got(`from alice: ${LINES - 1}\n`);
    expect(bob.mail).toBe(
      numbers(LINES)
        .map((n) => `from alice: ${n}\n`)
        .join(''),
    );
  });

  it('is told why it is kicked, though much of what it sends is not read', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '100' });
    const alice = await Peer.connect(broker.port);
    alice.send(`alice\n${`nobody: ${'x'.repeat(1_000)}\n`.repeat(2_000)}`);
    await alice.got(TOLD);
    const { view } = broker.broker;
    view.admin.kick(view.sessions()[0]?.session ?? 0);
    await alice.got('* an operator has ended your connection\n');
    await alice.leave();
    await until(() => view.sessions().length === 0, 'the session to end');
  });

  it('all the time, ends when nobody has patience any more, and what was read of it has gone on', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '100', RATE_PATIENCE_SECONDS: '1' });
    const bob = await broker.peer('bob');
    const alice = await Peer.connect(broker.port);
    alice.send(`alice\n${numbers(LINES).join('\n').replace(/^/gm, 'bob: ')}\n`);
    await alice.got('* you have sent more than you may for 1 second: what is not read yet is lost\n');
    await alice.leave();
    await bob.got(`from alice: ${LINES - 1}\n`);
    expect(bob.mail.split('\n')).toHaveLength(LINES + 1);
    await until(() => broker.broker.view.sessions().length === 1, 'the session to end');
    expect(await ends(broker)).toEqual([['STILL_TOO_MUCH', 1]]);
  });

  it('all the time, gives its name back although nobody has seen that its peer left', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '100', RATE_PATIENCE_SECONDS: '1' });
    const alice = await Peer.connect(broker.port);
    alice.send(`alice\n${`nobody: ${'x'.repeat(1_000)}\n`.repeat(2_000)}`);
    await alice.got(TOLD);
    alice.end();
    const again = await broker.connect();
    again.send('alice\n');
    await again.got('* alice is yours now');
    await alice.gone();
    await until(() => broker.broker.view.sessions().length === 1, 'the session to end');
    expect(await ends(broker)).toEqual([['STILL_TOO_MUCH', 1]]);
    again.destroy();
  });

  it('bytes, waits with its socket unread, and another address does not', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_BYTES_A_SECOND: '512KiB' });
    const bob = await Peer.connect(broker.port, '127.0.0.2');
    bob.send('bob\n');
    const alice = await Peer.connect(broker.port, '127.0.0.3');
    const line = `bob: ${'x'.repeat(16_000)}`;
    alice.send(`alice\n${`${line}\n`.repeat(60)}bob: end\n`);
    await alice.got(TOLD);
    bob.send('bob: to me\n');
    await bob.got('from bob: to me\n');
    expect(bob.received).not.toContain('from alice: end\n');
    await bob.got('from alice: end\n');
    expect(bob.mail.match(/from alice: x{16000}\n/g)).toHaveLength(60);
    for (const peer of [alice, bob]) peer.destroy();
  });

  it('is a program, and is told in its own words', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_MESSAGES_A_SECOND: '100' });
    const program = await ProgramPeer.hello(broker, { name: 'jobs' });
    program.say(...numbers(150).map((n) => ({ type: 'send', id: `m-${n}`, to: ['jobs'], body: `${n}` })));
    const told = await program.got('notice');
    expect(told).toEqual([{ type: 'notice', code: 'SLOWED', text: expect.stringContaining('read more slowly') }]);
    await program.got('accepted', 150);
    await until(() => program.bodies.length === 150, 'all messages');
    expect(program.bodies).toEqual(numbers(150).map(String));
    program.peer.destroy();
  });

  it('goes on at once when a reload lifts the limit, and is slowed when one sets it', async () => {
    const env: Record<string, string> = { ...ON, ADDRESS_MESSAGES_A_SECOND: '1', HTTP_PORT: '0' };
    const reread = async (config: Config) => ({ ...config, ...changing(readConfig(env)) });
    await using broker = await startBroker(env, undefined, reread);
    const alice = await broker.peer('alice');
    alice.send(numbers(500).join('\n').replace(/^/gm, 'alice: ').concat('\n'));
    await alice.got(TOLD);
    delete env.ADDRESS_MESSAGES_A_SECOND;
    expect(await broker.broker.reload()).toMatchObject({ kind: 'taken' });
    await alice.got('from alice: 499\n');
    env.ADDRESS_MESSAGES_A_SECOND = '1';
    await broker.broker.reload();
    const before = await slowed(broker);
    const bob = await broker.connect();
    bob.send('bob\nalice: 1\nalice: 2\nalice: 3\n');
    await bob.got(TOLD);
    expect([before, await slowed(broker)]).toEqual([[['address_messages', 1]], [['address_messages', 2]]]);
  });
});

/** The settings that a reload of this test changes. */
function changing({ ADDRESS_MESSAGES_A_SECOND }: Config): Partial<Config> {
  return { ADDRESS_MESSAGES_A_SECOND };
}

describe('over HTTP', () => {
  const send = (url: string | undefined, name: string) =>
    fetch(`${url}/v1/send/bob?from=${name}`, { method: 'POST', body: 'hi' });

  it('a sender with too many sessions a minute, or too many messages, is told when to come again', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS_A_MINUTE: '3', HOLD_UNKNOWN: 'on' });
    const url = broker.broker.httpUrl;
    for (let i = 0; i < 3; i++) expect((await send(url, `a${i}`)).status).toBe(202);
    const refused = await send(url, 'a4');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^(19|20)$/)]);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY', detail: 'too many connections' });
  });

  it('a sender that has sent too much is told when to come again', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_BYTES_A_SECOND: '1024', HOLD_UNKNOWN: 'on' });
    const alice = await broker.connect();
    alice.send(`alice\nbob: ${'x'.repeat(30_000)}\n`);
    await alice.got(TOLD);
    const refused = await send(broker.broker.httpUrl, 'b');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(10);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY', detail: 'too many messages' });
  });
});
