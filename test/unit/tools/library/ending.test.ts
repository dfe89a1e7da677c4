/** The end of a client: in order, or at once. */
import { describe, expect, it } from 'vitest';
import { connected, message, outcome, outcomeLater, turn } from './paper.ts';

const accepted = (id: string) => ({ type: 'accepted', id, to: { alice: 'held' } });

describe('drain', () => {
  it('waits for what was sent and what was handed out, and ends when the broker has read it', async () => {
    const { client, broker } = await connected();
    const { last } = broker;
    const sent = client.send('alice', 'a', { id: 'm-1' });
    await last.say(message(1, { id: 'q-1' }), message(2));
    const messages = client.messages();
    const { value: one } = await messages.next();
    const drained = outcomeLater(client.drain());
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(await outcome(client.send('alice', 'b'))).toMatchObject({ code: 'DRAINING' });
    const reply = one?.reply('done', { id: 'm-2' });
    await last.heard();
    await last.say(accepted('m-1'), accepted('m-2'));
    await Promise.all([sent, reply]);
    expect(await last.heard()).toEqual([]);
    one?.ack();
    expect(await last.heard()).toEqual([{ type: 'ack', seq: 1 }, { type: 'ping' }]);
    expect(await drained()).toBe('waiting');
    await last.say({ type: 'pong' });
    expect(await drained()).toBe(undefined);
    expect(last.left).toBe('ended');
    expect(client.current).toEqual({ state: 'closed', reason: undefined });
  });

  it('goes on over a lost connection, and says again what was acknowledged meanwhile', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1));
    const { value: one } = await client.messages().next();
    void client.send('alice', 'a', { id: 'm-1' });
    const drained = outcomeLater(client.drain());
    const again = await reconnect();
    one?.ack();
    await again.heard();
    await again.say(accepted('m-1'));
    expect(await again.heard()).toEqual([]);
    await again.say(message(1, { redelivered: true }));
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 1 }, { type: 'ping' }]);
    await again.say({ type: 'pong' });
    expect(await drained()).toBe(undefined);
  });

  it('ends without a connection where nothing is left', async () => {
    const { client, broker } = await connected();
    await broker.last.cut();
    expect(await outcome(client.drain())).toBe(undefined);
    expect(await outcome(client.drain())).toBe(undefined);
    expect(client.current.state).toBe('closed');
  });

  it('ends when its time is over, and says what was left', async () => {
    const { client, broker, clock } = await connected();
    await broker.last.say(message(1));
    await client.messages().next();
    const sent = outcomeLater(client.send('alice', 'a', { id: 'm-1' }));
    const timeout = 100;
    const drained = outcomeLater(client.drain({ timeout }));
    await clock.pass(100);
    expect(await drained()).toMatchObject({
      code: 'TIMEOUT',
      message: 'not drained within 100 ms: 1 messages not accepted, 1 not acknowledged',
    });
    expect(await sent()).toMatchObject({ code: 'CLOSED' });
    expect(clock.running).toBe(0);
  });

  it('is what the end of a scope does, but for messages that are not acknowledged', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1));
    await client.messages().next();
    const disposed = outcomeLater(client[Symbol.asyncDispose]());
    expect(await broker.last.heard()).toEqual([{ type: 'ping' }]);
    await broker.last.say({ type: 'pong' });
    expect(await disposed()).toBe(undefined);
    expect(client.current.state).toBe('closed');
  });
});

describe('close', () => {
  it('ends at once, says what was acknowledged, and rejects what waits', async () => {
    const { client, broker, clock } = await connected();
    await broker.last.say(message(1));
    const messages = client.messages();
    (await messages.next()).value?.ack();
    const waits = [client.send('alice', 'a'), client.request('alice', 'b'), client.who(['c'])].map(outcomeLater);
    await client.close();
    for (const wait of waits) expect(await wait()).toMatchObject({ code: 'CLOSED' });
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect((await broker.last.heard())[0]).toMatchObject({ type: expect.stringMatching(/send|ack/) });
    expect(broker.last.left).toBe('ended');
    expect(await outcome(client.send('alice', 'c'))).toMatchObject({ code: 'CLOSED' });
    expect(clock.running).toBe(0);
    await client.close();
  });

  it('does not wait for a broker that does not end its side', async () => {
    const { client, broker, clock } = await connected();
    broker.last.end = () => {
      broker.last.left = 'ended';
    };
    const closed = outcomeLater(client.close());
    await clock.pass(1_999);
    expect(await closed()).toBe('waiting');
    await clock.pass(1);
    expect(await closed()).toBe(undefined);
  });

  it('ends the pause before the next connection', async () => {
    const { client, broker, clock } = await connected();
    await broker.last.cut();
    await client.close();
    await clock.pass(60_000);
    expect(broker.connections.length).toBe(1);
  });

  it('is what the signal of connect does later', async () => {
    const abort = new AbortController();
    const { client, broker } = await connected({ signal: abort.signal });
    const messages = client.messages();
    abort.abort('enough');
    await turn();
    expect(client.current).toMatchObject({ state: 'closed' });
    expect(broker.last.left).toBe('ended');
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });
});
