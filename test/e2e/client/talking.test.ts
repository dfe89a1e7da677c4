/** The client library and the broker, over real sockets. */
import { describe, expect, it } from 'vitest';
import { type Client, connect, type Message } from '../../../src/tools/library/index.ts';
import { startBroker } from '../../helpers/broker.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { urlOf, WAYS } from '../../helpers/programs/ways.ts';
import { inTime, until } from '../../helpers/until.ts';

/** Takes the next messages, and leaves the iterator open for more. */
async function take(messages: AsyncIterator<Message, undefined>, count: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) {
    const { value } = await inTime(messages.next(), `message ${taken.length + 1} of ${count}`);
    if (value === undefined) throw new Error(`the messages end after ${taken.length}`);
    taken.push(value);
  }
  return taken;
}

const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);

/** Answers every request with what it asked. */
async function echo(client: Client): Promise<void> {
  for await (const message of client.messages()) {
    await message.reply({ answer: message.body });
    message.ack();
  }
}

describe.each(WAYS)('over %s', (way) => {
  describe('a message', () => {
    it('is taken by a name that is here, held for one that is not, and refused for an unknown one', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      const bob = await connect(urlOf(broker, way), { name: 'bob' });
      expect(await ann.send('bob', 1, { id: 'm-1' })).toMatchObject({ id: 'm-1', state: 'taken', duplicate: false });
      await bob.drain();
      await until(() => broker.broker.view.sessions().length === 1, 'bob to have left');
      expect((await ann.send('bob', 2)).state).toBe('held');
      await expect(ann.send(['ann', 'nobody'], 3)).rejects.toMatchObject({
        name: 'RefusedError',
        code: 'unknown',
        to: { ann: 'taken', nobody: 'unknown' },
      });
    });

    it('comes with its body, whatever JSON that is, from programs and from plain peers', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      await using bob = await connect(urlOf(broker, way), { name: 'bob' });
      const carl = await broker.peer('carl');
      const sent = ['text', 'ä€😀\n\u0000', { a: [1, null, true] }, 1.5, null, ''];
      for (const body of sent) await ann.send(['bob', 'carl'], body);
      const messages = bob.messages();
      expect(bodies(await take(messages, sent.length))).toEqual(sent);
      await carl.got('from ann: {"a":[1,null,true]}\n');
      carl.send('bob: plain\n');
      expect((await take(messages, 1))[0]).toMatchObject({ from: 'carl', body: 'plain', id: undefined });
    });

    it('that is not acknowledged comes again, and one that is does not', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      const bob = await connect(urlOf(broker, way), { name: 'bob' });
      for (const body of [1, 2, 3]) await ann.send('bob', body);
      const [one, , three] = await take(bob.messages(), 3);
      one?.ack();
      // It is not worked off before all that come before it.
      three?.ack();
      await inTime(bob.drain({ work: false }), 'the drain');
      await using again = await connect(urlOf(broker, way), { name: 'bob' });
      expect(again.current).toMatchObject({ state: 'connected', waiting: 2 });
      const rest = await take(again.messages(), 2);
      expect(rest.map(({ body, redelivered, held }) => [body, redelivered, held])).toEqual([
        [2, true, true],
        [3, true, true],
      ]);
      for (const each of rest) each.ack();
      await inTime(again.drain(), 'the drain');
      expect(await broker.held()).toBe(0);
    });

    it('waits while the window is full', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      await using bob = await connect(urlOf(broker, way), { name: 'bob', window: 2 });
      const sent = Array.from({ length: 20 }, (_, i) => i);
      await Promise.all(sent.map((body) => ann.send('bob', body)));
      expect(await broker.held()).toBe(18);
      const got: unknown[] = [];
      for await (const message of bob.messages()) {
        got.push(message.body);
        message.ack();
        if (got.length === sent.length) break;
      }
      expect(got).toEqual(sent);
    });

    it('that is longer than a line is refused before it is sent', async () => {
      await using broker = await startBroker({ MAX_LINE_BYTES: 1_000 });
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      await expect(ann.send('ann', 'x'.repeat(1_000))).rejects.toMatchObject({ code: 'LINE_TOO_LONG' });
      expect((await ann.send('ann', 'x')).state).toBe('taken');
    });

    it('can be sent without a name', async () => {
      await using broker = await startBroker();
      await using bob = await connect(urlOf(broker, way), { name: 'bob' });
      await using nameless = await connect(urlOf(broker, way));
      expect((await nameless.send('bob', 'hello')).state).toBe('taken');
      expect((await take(bob.messages(), 1))[0]?.from).toMatch(/^~/);
    });
  });

  describe('a request', () => {
    it('has the reply to it, and not another one', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      await using bob = await connect(urlOf(broker, way), { name: 'bob' });
      const echoing = echo(bob);
      const asked = Array.from({ length: 50 }, (_, i) => i);
      const answers = await inTime(Promise.all(asked.map((each) => ann.request('bob', each))), 'the replies');
      expect(answers).toEqual(asked.map((answer) => ({ answer })));
      await bob.drain();
      await echoing;
      expect(await broker.held()).toBe(0);
    });

    it('that nobody answers, or that nobody can, rejects', async () => {
      await using broker = await startBroker();
      await using ann = await connect(urlOf(broker, way), { name: 'ann' });
      await expect(ann.request('ann', 1, { timeout: paced(1) })).rejects.toMatchObject({ code: 'TIMEOUT' });
      await expect(ann.request('nobody', 1)).rejects.toMatchObject({ code: 'unknown' });
    });
  });

  describe('a name', () => {
    it('that is taken is waited for', async () => {
      await using broker = await startBroker();
      const first = await connect(urlOf(broker, way), { name: 'bob' });
      let second: Client | undefined;
      const waiting = connect(urlOf(broker, way), { name: 'bob' }).then((client) => {
        second = client;
      });
      await until(() => broker.broker.view.sessions().length === 2, 'the second to ask');
      await first.send('bob', 'for whoever is bob');
      expect(second).toBeUndefined();
      await first.drain();
      await inTime(waiting, 'the name');
      expect(bodies(await take((second as unknown as Client).messages(), 1))).toEqual(['for whoever is bob']);
      await second?.close();
    });

    it('that is refused is asked for once', async () => {
      await using broker = await startBroker({ MAX_NAME_BYTES: 10 });
      const refused = connect(urlOf(broker, way), { name: 'much too long' });
      await expect(refused).rejects.toMatchObject({ name: 'ByeError', code: 'NAME_TOO_LONG' });
    });
  });

  it('the broker has read all that was said before it answers a ping, which is what a drain waits for', async () => {
    await using broker = await startBroker();
    const bob = await connect(urlOf(broker, way), { name: 'bob' });
    for (let body = 0; body < 100; body++) await bob.send('bob', body);
    for (const message of await take(bob.messages(), 100)) message.ack();
    await inTime(bob.drain(), 'the drain');
    await until(() => broker.broker.view.sessions().length === 0, 'bob to have left');
    expect(await broker.held()).toBe(0);
  });
});
