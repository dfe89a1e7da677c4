/** The connection: made, kept, found broken, and made again. */
import { describe, expect, it } from 'vitest';
import { beginning, connected, outcome, outcomeLater, turn } from './paper.ts';

describe('the hello', () => {
  it('has the name, the token and the window', async () => {
    const { broker } = beginning({ token: 't', window: 16 });
    broker.last.sink.opened();
    expect(await broker.last.heard()).toEqual([
      { type: 'hello', v: 1, name: 'bob', token: 't', ack: true, window: 16 },
    ]);
  });
});

describe('a client that connects', () => {
  it('is there at the first welcome', async () => {
    const { broker, connecting } = beginning();
    expect(await outcome(connecting)).toBe('waiting');
    await broker.last.welcome();
    expect(await outcome(connecting)).toBe(undefined);
  });

  it('tries again until its time is over, and says what was the case', async () => {
    const { broker, clock, connecting, client } = beginning({ timeouts: { connectMs: 1_000 } });
    await broker.last.cut();
    await clock.pass(500);
    expect(broker.connections.length).toBe(2);
    await clock.pass(500);
    const error = await outcome(connecting);
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'not connected within 1000 ms: connecting' });
    await clock.pass(2_000);
    await client.closed;
    expect(clock.running).toBe(0);
  });

  it('waits for a name that is taken', async () => {
    const { broker, clock, connecting, client } = beginning();
    broker.last.sink.opened();
    await broker.last.say({ type: 'waiting', name: 'bob' });
    expect(client.current).toEqual({ state: 'waiting', name: 'bob' });
    await clock.pass(20_000);
    expect(broker.connections.length).toBe(1);
    await broker.last.welcome({ waiting: 3 });
    expect(await outcome(connecting)).toBe(undefined);
    expect(client.current).toEqual({ state: 'connected', name: 'bob', mailbox: 'm1', waiting: 3 });
  });

  it('is told in the error that it waited for its name', async () => {
    const { broker, clock, connecting } = beginning();
    broker.last.sink.opened();
    await broker.last.say({ type: 'waiting', name: 'bob' });
    await clock.pass(30_000);
    expect(await outcome(connecting)).toMatchObject({
      message: 'not connected within 30000 ms: waiting',
    });
  });

  it('ends by its signal', async () => {
    const abort = new AbortController();
    const { broker, connecting, clock, client } = beginning({ signal: abort.signal });
    abort.abort('enough');
    expect(await outcome(connecting)).toBe('enough');
    expect(broker.last.left).toBe('destroyed');
    await clock.pass(2_000);
    await client.closed;
    expect(clock.running).toBe(0);
  });

  it.each(['NAME_REFUSED', 'AUTH_FAILED', 'TAKEN_OVER'])('ends where the broker says %s', async (code) => {
    const { broker, connecting, clock, client } = beginning();
    broker.last.sink.opened();
    await broker.last.say({ type: 'bye', code, message: 'no' });
    expect(await outcome(connecting)).toMatchObject({ name: 'ByeError', code, message: 'no' });
    await client.closed;
    await clock.pass(60_000);
    expect(broker.connections.length).toBe(1);
  });

  it('comes back where the broker gives the time for it', async () => {
    const { broker, clock } = beginning();
    broker.last.sink.opened();
    await broker.last.say({ type: 'error', code: 'NAME_REFUSED', message: 'not now', retry: 3 });
    await clock.pass(3_049);
    expect(broker.connections.length).toBe(1);
    await clock.pass(1);
    expect(broker.connections.length).toBe(2);
  });

  it('tries once where it was told so, and rejects with what happened', async () => {
    const { broker, connecting } = beginning({ reconnect: false });
    await broker.last.cut();
    expect(await outcome(connecting)).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'the connection is lost: Error: cut',
    });
  });

  it('gives up an attempt that nobody answers', async () => {
    const { broker, clock, client } = beginning();
    broker.last.sink.opened();
    await clock.pass(10_000);
    expect(broker.connections[0]?.left).toBe('destroyed');
    expect(client.current).toMatchObject({ state: 'disconnected', reason: { code: 'OPEN_TIMEOUT' } });
  });
});

describe('the pauses', () => {
  it('are by chance, from nothing to a limit that doubles', async () => {
    const { client, broker, clock } = await connected({ reconnect: { firstPauseMs: 100, maxPauseMs: 350 } });
    const pauses: number[] = [];
    for (const chance of [0, 0.5, 0.5, 0.5, 0.999]) {
      clock.chance = chance;
      await broker.last.cut();
      const { current } = client;
      if (current.state === 'disconnected') pauses.push(current.retryMs);
      await clock.pass(400);
    }
    expect(pauses).toEqual([0, 100, 175, 175, 349.65]);
  });

  it('begin anew only after a connection on which something was said', async () => {
    const { client, broker, clock } = await connected();
    const retryMs = async () => {
      await broker.last.cut();
      const { current } = client;
      await clock.pass(1_000);
      await broker.last.welcome();
      return current.state === 'disconnected' ? current.retryMs : undefined;
    };
    expect([await retryMs(), await retryMs(), await retryMs()]).toEqual([50, 100, 200]);
    await broker.last.say({ type: 'presence', name: 'carol', here: true });
    expect(await retryMs()).toBe(50);
  });

  it('add to the time that a bye asks for', async () => {
    const { client, broker } = await connected();
    await broker.last.say({ type: 'bye', code: 'STOPPING', message: 'stopping', retry: 2 });
    expect(client.current).toMatchObject({ state: 'disconnected', retryMs: 2_050, reason: { code: 'STOPPING' } });
    expect(broker.last.left).toBe('destroyed');
  });

  it('end after as many attempts as there may be', async () => {
    const { client, broker, clock } = await connected({ reconnect: { attempts: 2 } });
    const sent = outcomeLater(client.send('alice', 'a'));
    for (let i = 0; i < 3; i++) {
      await broker.last.cut();
      await clock.pass(1_000);
    }
    expect(client.current).toMatchObject({ state: 'closed', reason: { code: 'CONNECTION_LOST' } });
    expect(await sent()).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await outcome(client.send('alice', 'b'))).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await outcome(client.messages().next())).toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('a silent broker', () => {
  it('is asked after two intervals, and left after the third', async () => {
    const { client, broker, clock } = await connected({}, { ping: 10 });
    await clock.pass(19_999);
    expect(await broker.last.heard()).toEqual([]);
    await clock.pass(1);
    expect(await broker.last.heard()).toEqual([{ type: 'ping' }]);
    await clock.pass(9_999);
    expect(client.current.state).toBe('connected');
    await clock.pass(1);
    expect(client.current).toMatchObject({ state: 'disconnected', reason: { code: 'SILENT' } });
  });

  it('that answers is kept', async () => {
    const { client, broker, clock } = await connected({}, { ping: 10 });
    for (let i = 0; i < 5; i++) {
      await clock.pass(20_000);
      await broker.last.say({ type: 'pong' });
    }
    expect(client.current.state).toBe('connected');
  });

  it('that pings is answered', async () => {
    const { broker } = await connected();
    await broker.last.say({ type: 'ping' });
    expect(await broker.last.heard()).toEqual([{ type: 'pong' }]);
  });
});

describe('after a lost connection', () => {
  const accepted = (id: string) => ({ type: 'accepted', id, to: { alice: 'held' }, duplicate: true });

  it('what was not accepted is sent again, under the same ids and in order', async () => {
    const { client, broker, reconnect } = await connected();
    const ids = ['m-1', 'm-2', 'm-3', 'm-4'];
    const sent = ids.map((id) => client.send('alice', id, { id }));
    await broker.last.say(accepted('m-2'));
    const again = await reconnect();
    expect((await again.heard()).map(({ type, id }) => id ?? type)).toEqual(['hello', 'm-1', 'm-3', 'm-4']);
    await again.say(accepted('m-1'), accepted('m-3'), accepted('m-4'));
    expect((await Promise.all(sent)).map(({ id }) => id)).toEqual(ids);
  });

  it('what was sent meanwhile comes behind it', async () => {
    const { client, broker, clock } = await connected();
    void client.send('alice', 'a', { id: 'm-1' });
    await broker.last.cut();
    void client.send('alice', 'b', { id: 'm-2' });
    await clock.pass(50);
    await broker.last.welcome();
    expect((await broker.last.heard()).map(({ type, id }) => id ?? type)).toEqual(['hello', 'm-1', 'm-2']);
  });

  it('nothing is sent again that the broker may have forgotten', async () => {
    const { client, broker, clock } = await connected({ limits: { resendWithinMs: 1_000 } });
    const timeout = Number.POSITIVE_INFINITY;
    const old = outcomeLater(client.send('alice', 'a', { id: 'm-1', timeout }));
    await clock.pass(1_000);
    void client.send('alice', 'b', { id: 'm-2', timeout });
    await broker.last.cut();
    void client.send('alice', 'c', { id: 'm-3', timeout });
    await clock.pass(50);
    await broker.last.welcome();
    expect((await broker.last.heard()).map(({ type, id }) => id ?? type)).toEqual(['hello', 'm-2', 'm-3']);
    expect(await old()).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('what an ended connection still says is ignored', async () => {
    const { client, broker, reconnect } = await connected();
    const { last } = broker;
    const sent = client.send('alice', 'a', { id: 'm-1' });
    await reconnect();
    await last.say(accepted('m-1'));
    await last.cut();
    expect(client.current.state).toBe('connected');
    expect(await outcome(sent)).toBe('waiting');
  });

  it('the rest of a read that broke the connection is ignored', async () => {
    const { client, broker } = await connected();
    const sent = client.send('alice', 'a', { id: 'm-1' });
    await broker.last.heard();
    broker.last.sink.lines(['no json', JSON.stringify(accepted('m-1'))]);
    await turn();
    expect(client.current).toMatchObject({ state: 'disconnected', reason: { code: 'PROTOCOL' } });
    expect(await outcome(sent)).toBe('waiting');
  });
});

describe('a client without a name', () => {
  async function nameless() {
    const made = beginning({ name: undefined });
    await made.broker.last.welcome({ name: '~x1', mailbox: undefined, last: undefined });
    await made.broker.last.heard();
    return made;
  }

  it('does not send again what may have been taken, but what was not written', async () => {
    const { client, broker, clock } = await nameless();
    const written = outcomeLater(client.send('alice', 'a', { id: 'm-1' }));
    await broker.last.heard();
    await broker.last.cut();
    expect(await written()).toMatchObject({ code: 'CONNECTION_LOST' });
    void client.send('alice', 'b', { id: 'm-2' });
    await clock.pass(50);
    await broker.last.welcome();
    const heard = await broker.last.heard();
    expect(heard[0]).toEqual({ type: 'hello', v: 1 });
    expect(heard.slice(1).map(({ id }) => id)).toEqual(['m-2']);
  });

  it('loses its receipts with the connection, and cannot request', async () => {
    const { client, broker } = await nameless();
    const sending = client.send('alice', 'a', { id: 'm-1', receipt: true });
    await broker.last.say({ type: 'accepted', id: 'm-1', to: { alice: 'held' } });
    const receipt = outcomeLater((await sending).acked());
    await broker.last.cut();
    expect(await receipt()).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await outcome(client.request('alice', 'time?'))).toMatchObject({ code: 'WRONG_USE' });
  });
});
