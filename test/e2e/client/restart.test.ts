/** The client library while the broker restarts. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../../src/broker/start-broker.ts';
import { type Client, type ConnectOptions, connect, type Message } from '../../../src/tools/library/index.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { startBrokerProcess } from '../../helpers/programs/process.ts';
import { inTime, until } from '../../helpers/until.ts';

/** The broker asks to be tried again in two seconds when it stops, and that is waited for. */
const SOON: ConnectOptions = { reconnect: { firstPauseMs: 1, maxPauseMs: 50 } };

async function take(client: Client, count: number): Promise<Message[]> {
  const messages = client.messages();
  const taken: Message[] = [];
  while (taken.length < count) {
    const { value } = await inTime(messages.next(), `message ${taken.length + 1} of ${count}`);
    if (value === undefined) throw new Error(`the messages end after ${taken.length}`);
    value.ack();
    taken.push(value);
  }
  await messages.return?.();
  return taken;
}

const bodies = (messages: readonly Message[]) => messages.map(({ body }) => body);

/** Every state of a client from now on. */
function followed(client: Client): string[] {
  const states: string[] = [];
  void (async () => {
    for await (const status of client.status()) {
      states.push(status.state === 'disconnected' ? status.reason.code : status.state);
    }
  })();
  return states;
}

describe('a broker that stops in order and starts again', () => {
  it('is come back to, and nothing is lost or repeated', async () => {
    using folder = temporaryFolder();
    const settings = { DATA_DIR: folder.path };
    const first = await startBroker({ settings });
    await using ann = await connect(first.url, { name: 'ann', ...SOON });
    await using bob = await connect(first.url, { name: 'bob', ...SOON });
    const states = followed(ann);
    for (const body of [1, 2, 3]) await ann.send('bob', body);
    const [one] = await take(bob, 1);
    expect(one?.body).toBe(1);
    await first.stop();
    await until(() => ann.current.state === 'disconnected', 'ann to have noticed');
    const sending = Promise.all([4, 5].map((body) => ann.send('bob', body)));
    await using _ = await startBroker({ port: first.port, settings });
    expect((await inTime(sending, 'the answers')).map(({ to }) => Object.keys(to))).toEqual([['bob'], ['bob']]);
    expect(bodies(await take(bob, 4))).toEqual([2, 3, 4, 5]);
    expect(states[0]).toBe('connected');
    expect(states[1]).toBe('STOPPING');
    expect(states.at(-1)).toBe('connected');
  });

  it('without a store has forgotten the names, and new messages are handed out all the same', async () => {
    const first = await startBroker();
    await using ann = await connect(first.url, { name: 'ann', ...SOON });
    await using bob = await connect(first.url, { name: 'bob', ...SOON });
    for (const body of [1, 2, 3]) await ann.send('bob', body);
    const before = await take(bob, 3);
    await first.stop();
    await until(() => [ann, bob].every(({ current }) => current.state === 'disconnected'), 'both to have noticed');
    await using _ = await startBroker({ port: first.port });
    await until(() => [ann, bob].every(({ current }) => current.state === 'connected'), 'both to be back');
    for (const body of [4, 5]) await ann.send('bob', body);
    const after = await take(bob, 2);
    expect(bodies(after)).toEqual([4, 5]);
    expect(after[0]?.seq).toBeGreaterThan(before.at(-1)?.seq ?? 0);
  });

  it('ends a client that does not come back', async () => {
    const broker = await startBroker();
    const bob = await connect(broker.url, { name: 'bob', reconnect: false });
    const next = bob.messages().next();
    next.catch(() => undefined);
    await broker.stop();
    await expect(inTime(next, 'the end')).rejects.toMatchObject({ name: 'ByeError', code: 'STOPPING' });
    await expect(bob.send('ann', 1)).rejects.toMatchObject({ code: 'STOPPING' });
  });
});

describe('a broker that is killed and starts again', () => {
  it('has what was held, and gets what it did not answer again', async () => {
    using folder = temporaryFolder();
    const settings = { PORT: String(await freePort()), DATA_DIR: folder.path };
    const first = await startBrokerProcess(settings);
    await using killed = first.broker;
    const url = `tcp://127.0.0.1:${first.port}`;
    await using ann = await connect(url, { name: 'ann', ...SOON });
    const bob = await connect(url, { name: 'bob' });
    await bob.drain();
    while ((await ann.send('bob', 'is bob gone?')).state !== 'held');
    const sent = Array.from({ length: 300 }, (_, i) => `m-${i}`);
    const answered: string[] = [];
    const sending = sent.map(async (id) => {
      const { state } = await ann.send('bob', id, { id });
      answered.push(id);
      return state;
    });
    await until(() => answered.length > 0, 'the first answer');
    killed.signal('SIGKILL');
    await killed.exitCode();
    const again = await startBrokerProcess(settings);
    await using _ = again.broker;
    expect(new Set(await inTime(Promise.all(sending), 'all answers'))).toEqual(new Set(['held']));
    await using back = await connect(url, { name: 'bob' });
    const got: (string | undefined)[] = [];
    while (!got.includes(sent.at(-1))) got.push((await take(back, 1))[0]?.id);
    // The first of each id: the broker can take a message twice that is sent again.
    expect([...new Set(got)].filter((id) => sent.includes(String(id)))).toEqual(sent);
  });
});
