/** What is received: handed out once, in order, acknowledged as far as everything before it is. */
import { describe, expect, it } from 'vitest';
import type { Client } from '../../../../src/tools/library/client.ts';
import type { Message } from '../../../../src/tools/library/core/receiving/message.ts';
import { connected, message, outcome, turn } from './paper.ts';

/** Takes the next messages. */
async function take(client: Client, count: number): Promise<Message[]> {
  const messages = client.messages();
  const taken: Message[] = [];
  while (taken.length < count) {
    const { value } = (await outcome(messages.next())) as IteratorResult<Message, undefined>;
    if (value === undefined) throw new Error(`there are ${taken.length} messages`);
    taken.push(value);
  }
  await messages.return?.();
  return taken;
}

const seqs = (messages: readonly Message[]) => messages.map(({ seq }) => seq);

describe('a message', () => {
  it('has what the broker said of it', async () => {
    const { client, broker } = await connected();
    const more = { id: 'm-1', time: 1_764_156_000_123, held: true, redelivered: true, re: 'q-7', body: { a: [1] } };
    await broker.last.say(message(41, more), message(42));
    const [first, second] = await take(client, 2);
    expect(first).toMatchObject({ seq: 41, mailbox: 'm1', from: 'alice', ...more });
    expect(second).toMatchObject({ id: undefined, held: false, redelivered: false, body: 'body 42' });
  });

  it('goes to who waits for it, and each to one iterator', async () => {
    const { client, broker } = await connected();
    const [one, other] = [client.messages(), client.messages()];
    const waiting = [one.next(), other.next(), one.next()];
    await broker.last.say(message(1), message(2), message(3));
    const got = await Promise.all(waiting.map(async (each) => (await each).value?.seq));
    expect(got.sort()).toEqual([1, 2, 3]);
  });

  it('without a seq breaks the connection', async () => {
    const { client, broker } = await connected();
    await broker.last.say({ type: 'message', from: 'alice', body: 'a' });
    expect(client.current).toMatchObject({ state: 'disconnected', reason: { code: 'PROTOCOL' } });
  });

  it('past the window breaks the connection', async () => {
    const { client, broker } = await connected({ window: 2 });
    await broker.last.say(message(1), message(2));
    expect(client.current.state).toBe('connected');
    await broker.last.say(message(3));
    expect(client.current).toMatchObject({ state: 'disconnected', reason: { code: 'PROTOCOL' } });
  });
});

describe('an iterator', () => {
  it('that is left loses nothing of what it did not hand out', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1), message(2));
    for await (const m of client.messages()) {
      expect(m.seq).toBe(1);
      break;
    }
    expect(seqs(await take(client, 1))).toEqual([2]);
  });

  it('ends by its signal, with the reason, and hands out nothing then', async () => {
    const { client, broker } = await connected();
    const abort = new AbortController();
    const messages = client.messages({ signal: abort.signal });
    const waiting = messages.next();
    abort.abort('enough');
    expect(await outcome(waiting)).toBe('enough');
    await broker.last.say(message(1));
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(await outcome(client.messages({ signal: abort.signal }).next())).toBe('enough');
  });
});

describe('acknowledgements', () => {
  it('say the highest seq before which everything is acknowledged, once a turn', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1), message(2), message(3), message(4));
    const [one, two, three, four] = await take(client, 4);
    three?.ack();
    two?.ack();
    expect(await broker.last.heard()).toEqual([]);
    one?.ack();
    one?.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 3 }]);
    four?.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 4 }]);
  });

  it('are not said of what was not handed out', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1), message(2));
    (await take(client, 1))[0]?.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 1 }]);
  });

  it('do not wait for a seq that does not exist', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(5), message(9));
    for (const each of await take(client, 2)) each.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 9 }]);
  });

  it('are made when a message is handed out, where the client was told so', async () => {
    const { client, broker } = await connected({ ack: false });
    await broker.last.say(message(1), message(2));
    await take(client, 1);
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 1 }]);
  });
});

describe('a rejection', () => {
  it('is said at once, and is no gap for the acknowledgements', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1), message(2), message(3));
    const [one, two, three] = await take(client, 3);
    two?.reject('not a job');
    two?.ack();
    three?.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'reject', seq: 2, reason: 'not a job' }]);
    one?.ack();
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 3 }]);
  });

  it('of what others wait for lets them go', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1), message(2));
    const [one, two] = await take(client, 2);
    two?.ack();
    one?.reject();
    expect(await broker.last.heard()).toEqual([
      { type: 'reject', seq: 1 },
      { type: 'ack', seq: 2 },
    ]);
  });
});

describe('a reply', () => {
  it('goes to the sender, names what it answers, and acknowledges nothing', async () => {
    const { client, broker } = await connected();
    await broker.last.say(message(1, { id: 'q-7' }));
    void (await take(client, 1))[0]?.reply('noon', { id: 'm-1' });
    expect(await broker.last.heard()).toEqual([{ type: 'send', id: 'm-1', to: ['alice'], body: 'noon', re: 'q-7' }]);
  });
});

describe('after a lost connection', () => {
  it('what was not handed out comes again, and what was does not', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2), message(3));
    const [one] = await take(client, 1);
    const again = await reconnect();
    await again.say(...[1, 2, 3].map((seq) => message(seq, { redelivered: true })));
    expect(seqs(await take(client, 2))).toEqual([2, 3]);
    expect(await outcome(client.messages().next())).toBe('waiting');
    await again.heard();
    one?.ack();
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 1 }]);
  });

  it('what was acknowledged is acknowledged again, but only once it came', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2), message(3));
    for (const each of await take(client, 3)) each.ack();
    const again = await reconnect();
    expect((await again.heard()).map(({ type }) => type)).toEqual(['hello']);
    await again.say(message(1), message(2));
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 2 }]);
    await again.say(message(3), message(4));
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 3 }]);
    expect(seqs(await take(client, 1))).toEqual([4]);
  });

  it('what is acknowledged meanwhile is said when it came again', async () => {
    const { client, broker, clock } = await connected();
    await broker.last.say(message(1));
    const [one] = await take(client, 1);
    await broker.last.cut();
    one?.ack();
    await clock.pass(10_000);
    await broker.last.welcome();
    await broker.last.say(message(1, { redelivered: true }));
    expect((await broker.last.heard()).at(-1)).toEqual({ type: 'ack', seq: 1 });
  });

  it('what was rejected is rejected again', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2));
    (await take(client, 2))[1]?.reject('no');
    const again = await reconnect();
    await again.heard();
    await again.say(message(1), message(2));
    expect(await again.heard()).toEqual([{ type: 'reject', seq: 2, reason: 'no' }]);
  });

  it('what does not come again is waited for no more', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2), message(3));
    await take(client, 2);
    const again = await reconnect();
    await again.heard();
    await again.say(message(3), message(4));
    for (const each of await take(client, 2)) each.ack();
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 4 }]);
  });

  it('what another session has acknowledged is waited for no more', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2));
    const [one] = await take(client, 1);
    const again = await reconnect({ last: 2 });
    await again.heard();
    await again.say(message(3));
    (await take(client, 1))[0]?.ack();
    one?.ack();
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 3 }]);
  });

  it('another mailbox begins anew', async () => {
    const { client, broker, reconnect } = await connected();
    await broker.last.say(message(1), message(2), message(3));
    const [one, two] = await take(client, 2);
    one?.ack();
    const again = await reconnect({ mailbox: 'm2' });
    await again.heard();
    await again.say(message(1), message(2));
    two?.ack();
    two?.reject();
    expect(await again.heard()).toEqual([]);
    const fresh = await take(client, 2);
    expect(fresh.map(({ seq, mailbox }) => [seq, mailbox])).toEqual([
      [1, 'm2'],
      [2, 'm2'],
    ]);
    for (const each of fresh) each.ack();
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 2 }]);
    expect(client.mailbox).toBe('m2');
  });

  it('a reply that overtook what waits does not hide it', async () => {
    const { client, broker, reconnect } = await connected();
    const answer = client.request('alice', 'time?');
    const [asked] = await broker.last.heard();
    await broker.last.say(message(1), message(2, { re: asked?.id, body: 'noon' }));
    expect(await answer).toBe('noon');
    const again = await reconnect();
    await again.heard();
    await again.say(message(1), message(2, { re: asked?.id }));
    (await take(client, 1))[0]?.ack();
    await turn();
    expect(await again.heard()).toEqual([{ type: 'ack', seq: 2 }]);
  });
});
