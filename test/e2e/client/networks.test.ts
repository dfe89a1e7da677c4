/** The client library on a network that cuts, delays and halves: nothing is lost, and no repeat is handed out. */
import { describe, expect, it } from 'vitest';
import { type Client, type ConnectOptions, connect, type Message } from '../../../src/tools/library/index.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { Relay } from '../../helpers/programs/relay.ts';
import { portOf, urlOf, WAYS, type Way } from '../../helpers/programs/ways.ts';
import { inTime, until } from '../../helpers/until.ts';

const SOON: ConnectOptions = { reconnect: { firstPauseMs: 1, maxPauseMs: 20 } };

/** What a client has been handed. Each message is acknowledged at once. */
function worker(client: Client): Message[] {
  const worked: Message[] = [];
  void (async () => {
    for await (const message of client.messages()) {
      worked.push(message);
      message.ack();
    }
  })();
  return worked;
}

const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);
/** The broker can take a message twice that is sent again, so the first of each id counts. */
const firstOfEach = (messages: readonly Message[]) => [...new Set(ids(messages))];
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `m-${from + i}`);
const isRising = (seqs: readonly number[]) => seqs.every((seq, at) => at === 0 || seq > (seqs[at - 1] ?? 0));

async function setting(broker: TestBroker, way: Way) {
  const relay = await Relay.to(portOf(broker, way), way);
  return { relay, direct: urlOf(broker, way) };
}

describe.each(WAYS)('over %s', (way) => {
  describe('a sender whose connection is cut', () => {
    it('before the answer sends the message again under its id', async () => {
      await using broker = await startBroker();
      const { relay, direct } = await setting(broker, way);
      await using _ = relay;
      await using bob = await connect(direct, { name: 'bob' });
      const worked = worker(bob);
      await using ann = await connect(relay.url, { name: 'ann', ...SOON });
      relay.hold('to client');
      const sending = ann.send('bob', 'once', { id: 'm-0' });
      await until(() => worked.length === 1, 'the message');
      relay.cut();
      relay.release();
      expect(await inTime(sending, 'the answer')).toMatchObject({ id: 'm-0', state: 'taken' });
      expect(relay.saidOf('send').map(({ id }) => id)).toEqual(['m-0', 'm-0']);
      await broker.quiet();
      expect(firstOfEach(worked)).toEqual(['m-0']);
    });

    it.each([1, 7, 60, 61, 100, 500])('after %i bytes of what it sends loses nothing, in order', async (bytes) => {
      await using broker = await startBroker();
      const { relay, direct } = await setting(broker, way);
      await using _ = relay;
      await using bob = await connect(direct, { name: 'bob' });
      const worked = worker(bob);
      await using ann = await connect(relay.url, { name: 'ann', ...SOON });
      relay.cutAfter('to broker', bytes);
      const sent = numbered(20);
      await inTime(Promise.all(sent.map((id) => ann.send('bob', `ä€😀 ${id}`, { id }))), 'all answers');
      await until(() => firstOfEach(worked).length === 20, 'all messages');
      expect(firstOfEach(worked)).toEqual(sent);
      expect(relay.connections).toBe(2);
    });

    it('again and again loses nothing, in order', async () => {
      await using broker = await startBroker();
      const { relay, direct } = await setting(broker, way);
      await using _ = relay;
      await using bob = await connect(direct, { name: 'bob' });
      const worked = worker(bob);
      await using ann = await connect(relay.url, { name: 'ann', ...SOON });
      const sent = numbered(300);
      for (let from = 0; from < sent.length; from += 30) {
        relay.cutAfter(from % 60 === 0 ? 'to broker' : 'to client', 300 + 17 * from);
        const some = sent.slice(from, from + 30);
        await inTime(Promise.all(some.map((id) => ann.send('bob', id, { id }))), 'the answers');
      }
      await until(() => firstOfEach(worked).length === sent.length, 'all messages');
      expect(firstOfEach(worked)).toEqual(sent);
      expect(relay.connections).toBeGreaterThan(3);
    });
  });

  describe('a recipient whose connection is cut', () => {
    it('before its acknowledgements arrive is handed nothing twice, and acknowledges again', async () => {
      await using broker = await startBroker();
      const { relay, direct } = await setting(broker, way);
      await using _ = relay;
      await using ann = await connect(direct, { name: 'ann' });
      await using bob = await connect(relay.url, { name: 'bob', ...SOON });
      const worked = worker(bob);
      relay.hold('to broker');
      for (const id of numbered(5)) await ann.send('bob', id, { id });
      await until(() => worked.length === 5 && relay.saidOf('ack').length > 0, 'the acknowledgements');
      relay.cut();
      relay.release();
      await until(() => relay.connections === 2 && bob.current.state === 'connected', 'the next connection');
      expect(bob.current).toMatchObject({ waiting: 5 });
      for (const id of numbered(5, 5)) await ann.send('bob', id, { id });
      await until(() => worked.length >= 10, 'the rest');
      await inTime(bob.drain(), 'the drain');
      expect(ids(worked)).toEqual(numbered(10));
      expect(await broker.held()).toBe(0);
    });

    it('in the middle of lines gets every message once, in order', async () => {
      await using broker = await startBroker();
      const { relay, direct } = await setting(broker, way);
      await using _ = relay;
      await using ann = await connect(direct, { name: 'ann' });
      await using bob = await connect(relay.url, { name: 'bob', window: 8, ...SOON });
      const worked = worker(bob);
      const sent = numbered(400);
      for (let from = 0; from < sent.length; from += 20) {
        relay.cutAfter(from % 40 === 0 ? 'to client' : 'to broker', 40 + 3 * from);
        for (const id of sent.slice(from, from + 20)) await ann.send('bob', `ä€😀 ${id}`, { id });
      }
      await until(
        () => worked.length >= sent.length,
        () => `all messages, there are ${worked.length}`,
      );
      await inTime(bob.drain(), 'the drain');
      expect(ids(worked)).toEqual(sent);
      expect(isRising(worked.map(({ seq }) => seq))).toBe(true);
      expect(relay.connections).toBeGreaterThan(5);
      expect(await broker.held()).toBe(0);
    });
  });

  describe('a client', () => {
    it('reads and writes lines that come byte by byte', async () => {
      await using broker = await startBroker();
      const { relay } = await setting(broker, way);
      await using _ = relay;
      relay.pieceBytes = 1;
      await using bob = await connect(relay.url, { name: 'bob' });
      const worked = worker(bob);
      const bodies = ['ä€😀', { ä: '€' }, 'x'.repeat(3_000)];
      for (const body of bodies) await bob.send('bob', body);
      await until(() => worked.length === bodies.length, 'the messages');
      expect(worked.map(({ body }) => body)).toEqual(bodies);
    });

    it('does not wait for ever for the welcome, and tries again', async () => {
      await using broker = await startBroker();
      const { relay } = await setting(broker, way);
      await using _ = relay;
      relay.hold('to client');
      const connecting = connect(relay.url, { name: 'bob', timeouts: { openMs: paced(100) }, ...SOON });
      await until(() => relay.connections >= 2, 'another attempt');
      relay.release();
      await using bob = await inTime(connecting, 'the welcome');
      expect(bob.current.state).toBe('connected');
    });

    it('goes on after a delay of whatever length', async () => {
      await using broker = await startBroker();
      const { relay } = await setting(broker, way);
      await using _ = relay;
      await using bob = await connect(relay.url, { name: 'bob' });
      const worked = worker(bob);
      for (const direction of ['to broker', 'to client'] as const) {
        relay.hold(direction);
        const sending = bob.send('bob', direction);
        await until(() => relay.saidOf('send').at(-1)?.body === direction, 'the message to be sent');
        await broker.quiet();
        expect(worked.some(({ body }) => body === direction)).toBe(false);
        relay.release();
        expect((await inTime(sending, 'the answer')).state).toBe('taken');
      }
      await until(() => worked.length === 2, 'the messages');
      expect(relay.connections).toBe(1);
    });
  });
});
