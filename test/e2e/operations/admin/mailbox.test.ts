/** A mailbox of a broker that runs: it is listed, looked into and purged over HTTP. */
import { describe, expect, it } from 'vitest';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { type Ask, DELETE, startAsked } from './api.ts';

interface Message {
  readonly seq: number;
  readonly text: string;
}

const textsOf = (messages: readonly Message[]) => messages.map(({ text }) => text);

/** All messages of a name, a page at a time. */
async function pages(ask: Ask, name: string, limit: number): Promise<Message[]> {
  const all: Message[] = [];
  for (let after = 0; ; after = all.at(-1)?.seq ?? 0) {
    const { status, body } = await ask(`/v1/names/${name}/mail?limit=${limit}&after=${after}`);
    expect(status).toBe(200);
    all.push(...body.messages);
    if (!body.more) return all;
    expect(body.messages.length).toBeGreaterThan(0);
  }
}

describe('held mail', () => {
  it('is looked into, as plain peers and programs have sent it', async () => {
    // The clock of a shard moves once a second, and is never behind its start.
    const before = Math.floor(Date.now() / 1000) * 1000;
    await using asked = await startAsked();
    const { broker, ask } = asked;
    (await broker.peer('bob')).destroy();
    await broker.clear();
    const alice = await broker.peer('alice');
    alice.send(`bob: good morning\nbob: ${'é'.repeat(2_000)}\n`);
    await broker.quiet();
    const carol = await ProgramPeer.hello(broker, { name: 'carol' });
    carol.say({ type: 'send', id: '1', to: 'bob', body: 'a "text"\n', durable: true, ttl: 3600 });
    carol.say({ type: 'send', id: '2', to: 'bob', body: { any: 'json' } });
    await carol.got('accepted', 2);
    const { status, body } = await ask('/v1/names/bob/mail');
    expect([status, body.name, body.more, body.inHands]).toEqual([200, 'bob', false, 0]);
    expect(body.messages).toMatchObject([
      { from: 'alice', text: 'good morning', bytes: 'from alice: good morning\n'.length, durable: false },
      { from: 'alice', text: 'é'.repeat(512), cut: true },
      { from: 'carol', text: 'a "text"\n', durable: true },
      { from: 'carol', text: '{"any":"json"}' },
    ]);
    const [first, , third] = body.messages;
    expect(first.at).toBeGreaterThanOrEqual(before);
    expect(third.expires - third.at).toBeGreaterThan(3_590_000);
    expect(first).not.toHaveProperty('expires');
    expect((await ask('/v1/names?waiting=yes')).body).toEqual({
      names: [
        {
          name: 'bob',
          state: 'away',
          waitingMessages: 4,
          waitingBytes: expect.any(Number),
          oldestSeconds: expect.any(Number),
        },
      ],
      more: false,
      next: null,
    });
  });

  it('is purged: one message, and all; senders are told, and nothing comes again', async () => {
    await using asked = await startAsked();
    const { broker, ask } = asked;
    (await ProgramPeer.hello(broker, { name: 'bob' })).peer.destroy();
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    for (const id of ['1', '2', '3', '4'])
      ann.say({ type: 'send', id, to: 'bob', body: id, receipt: true, durable: true });
    await ann.got('accepted', 4);
    const { messages } = (await ask('/v1/names/bob/mail')).body;
    expect(textsOf(messages)).toEqual(['1', '2', '3', '4']);
    const second = `/v1/names/bob/mail/${messages[1].seq}`;
    expect(await ask(second, DELETE)).toEqual({ status: 200, body: { purged: 1 } });
    expect(await ask(second, DELETE)).toMatchObject({ status: 404, body: { code: 'NO_MESSAGE' } });
    expect(await ann.got('receipt')).toEqual([{ type: 'receipt', id: '2', name: 'bob', state: 'purged' }]);
    expect(textsOf((await ask('/v1/names/bob/mail')).body.messages)).toEqual(['1', '3', '4']);
    await broker.broker.control(0)?.throwAtNextBatch('thread');
    await broker.broker.control(1)?.throwAtNextBatch('thread');
    await broker.quiet();
    expect(textsOf(await pages(ask, 'bob', 2))).toEqual(['1', '3', '4']);
    expect(await ask('/v1/names/bob/mail', DELETE)).toEqual({ status: 200, body: { purged: 3, more: false } });
    expect((await ann.got('receipt', 4)).map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...['2 purged', '1 purged', '3 purged', '4 purged'],
    ]);
    ann.say({ type: 'send', id: '5', to: 'bob', body: '5' });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    expect((await bob.got('message')).map(({ body }) => body)).toEqual(['5']);
    expect(await broker.held()).toBe(0);
  });

  it('of 10,000 messages is paged and purged', async () => {
    await using asked = await startAsked({ FAIR_RESERVE_PERCENT: 0 });
    const { broker, ask } = asked;
    (await broker.peer('bob')).destroy();
    await broker.clear();
    const alice = await broker.peer('alice');
    const bodies = Array.from({ length: 10_000 }, (_, index) => `message ${index}`);
    alice.send(bodies.map((body) => `bob: ${body}\n`).join(''));
    await broker.quiet();
    expect(textsOf(await pages(ask, 'bob', 1_000))).toEqual(bodies);
    expect(await ask('/v1/names/bob/mail', DELETE)).toEqual({ status: 200, body: { purged: 10_000, more: false } });
    expect([await broker.held(), (await ask('/v1/names/bob/mail')).body.messages]).toEqual([0, []]);
    alice.send('bob: and one more\n');
    const bob = await broker.peer('bob');
    expect(bob.received).toBe('from alice: and one more\n');
  });
});

describe('mail for a peer that is here', () => {
  it('waits in memory or on disk, and is purged; what its writer has is not', async () => {
    await using asked = await startAsked({ WRITE_WINDOW_BYTES: 2_048, SHARDS: 1 });
    const { broker, ask } = asked;
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 2 });
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    const bodies = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(1_000)}`);
    for (const [index, body] of bodies.entries()) {
      ann.say({ type: 'send', id: `${index}`, to: 'bob', body, durable: index % 2 === 0 });
    }
    await ann.got('accepted', bodies.length);
    const handed = await bob.got('message', 1);
    const { body } = await ask('/v1/names/bob/mail?limit=1000');
    const { inHands } = body;
    expect(inHands).toBeGreaterThanOrEqual(handed.length);
    expect(body.messages[0].text).toBe(bodies[inHands]?.slice(0, 1024));
    expect(await pages(ask, 'bob', 1_000)).toHaveLength(bodies.length - inHands);
    // One of those in memory, and one of those on disk.
    for (const { seq } of [body.messages[0], body.messages.at(-1)]) {
      expect((await ask(`/v1/names/bob/mail/${seq}`, DELETE)).status).toBe(200);
    }
    const left = bodies.length - inHands - 2;
    expect((await ask('/v1/names/bob/mail', DELETE)).body).toEqual({ purged: left, more: false });
    ann.say({ type: 'send', id: 'last', to: 'bob', body: 'last' });
    for (let count = 0; count <= inHands; count++)
      bob.ack(Number((await bob.got('message', count + 1))[count]?.seq) || 0);
    const came = (await bob.got('message', inHands + 1)).map((message) => message.body);
    expect(came).toEqual([...bodies.slice(0, inHands), 'last']);
  });
});

describe('a mailbox that cannot be asked for', () => {
  it('because nobody of that name is known, or the request makes no sense', async () => {
    await using asked = await startAsked();
    const { ask } = asked;
    expect(await ask('/v1/names/nobody/mail')).toMatchObject({ status: 404, body: { code: 'NAME_NOT_KNOWN' } });
    expect(await ask('/v1/names/nobody/mail', DELETE)).toMatchObject({ status: 404, body: { code: 'NAME_NOT_KNOWN' } });
    for (const path of ['/v1/names/x/mail?limit=0', '/v1/names/x/mail?limit=1001', '/v1/names/x/mail?after=-1']) {
      expect(await ask(path)).toMatchObject({ status: 400, body: { code: 'REQUEST_REFUSED' } });
    }
    expect(await ask('/v1/names/x/mail/one', DELETE)).toMatchObject({ status: 400 });
  });
});
