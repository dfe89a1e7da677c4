/** Mail as a stream of events: acknowledged by POST, returned when the client goes, and bounded by a window. */
import { describe, expect, it } from 'vitest';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient, EventStream } from './client.ts';

describe('a stream of mail', () => {
  it('has each message as an event, and what is acknowledged does not come again', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const alice = await broker.peer('alice');
    {
      using stream = new EventStream(http, 'bob');
      await until(() => stream.text === ':\n\n', 'the first comment');
      expect((await stream.opened).headers.get('content-type')).toBe('text/event-stream');
      alice.send('bob: 1\nbob: 2\nbob: 3\n');
      await until(() => stream.messages.length === 3, 'three events');
      expect(stream.messages.map(({ body }) => body)).toEqual(['1', '2', '3']);
      expect(await http.ack('bob', stream.messages[1]?.seq)).toMatchObject([200, { acknowledged: 2 }]);
      expect((await http.ask('/v1/mail/bob')).status).toBe(409);
    }
    // The client is gone, so the name is free and the mail is back.
    const bob = await broker.peer('bob');
    await bob.got('from alice: 3\n');
    expect(bob.mail).toBe('from alice: 3\n');
  });

  it('begins with what an earlier request was given and has not acknowledged', async () => {
    await using all = await brokerAndClient();
    await all.http.mail('bob');
    await all.http.send('bob?from=a', 'one');
    expect(await all.http.bodies('bob')).toEqual(['one']);
    using stream = new EventStream(all.http, 'bob');
    await until(() => stream.messages.length === 1, 'the event');
    expect(stream.messages).toMatchObject([{ body: 'one', redelivered: true }]);
  });

  it('that is not read costs a window, and lets nothing be acknowledged that was not given out', async () => {
    await using all = await brokerAndClient({ WRITE_WINDOW_BYTES: '64KiB', MAILBOX_MAX_BYTES: '64MiB' });
    const { broker, http } = all;
    using stream = new EventStream(http, 'bob', false);
    await until(() => broker.broker.view.sessions().length === 1, 'the stream to have its name');
    await stream.opened;
    const alice = await broker.peer('alice');
    alice.send(Array.from({ length: 400 }, (_, i) => `bob: ${i} ${'x'.repeat(20_000)}\n`).join(''));
    await broker.quiet();
    const [session] = broker.broker.view.sessions();
    expect(session?.waitingBytes).toBeGreaterThan(20_000);
    expect(session?.waitingBytes).toBeLessThan(64 * 1024 + 21_000);
    expect(await broker.held()).toBeGreaterThan(390);
    expect(await http.ack('bob', 2 ** 52)).toMatchObject([409, { code: 'SEQ_NOT_GIVEN' }]);
  });

  it('loses nothing when its client is killed in the middle, again and again', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const alice = await broker.peer('alice');
    await http.mail('bob');
    const count = 60;
    alice.send(Array.from({ length: count }, (_, i) => `bob: ${i}\n`).join(''));
    const done: number[] = [];
    while (done.length < count) {
      using stream = new EventStream(http, 'bob');
      await until(() => stream.messages.length > 6 || done.length + stream.messages.length >= count, 'events');
      const messages = stream.messages.slice(0, 7);
      await http.ack('bob', messages.at(-1)?.seq);
      done.push(...messages.map(({ body }) => Number(body)));
    }
    expect(done).toEqual(Array.from({ length: count }, (_, i) => i));
    await until(() => broker.broker.view.sessions().length === 1, 'the last stream to be gone');
    expect(await broker.held()).toBe(0);
  });

  it('ends with a word when the broker stops', async () => {
    await using all = await brokerAndClient();
    using stream = new EventStream(all.http, 'bob');
    await until(() => stream.text !== '', 'the first comment');
    await all.broker.broker.stop();
    await until(() => stream.ended, 'the end');
    expect(stream.text).toContain('event: bye\ndata: {"code":"NOT_SERVED"}\n\n');
  });
});
