/** Every queue of the client has a limit, and at the limit somebody is told. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/tools/library/errors.ts';
import { type Limits, settingsOf } from '../../../../src/tools/library/options.ts';
import { connected, message, outcome, outcomeLater } from './paper.ts';

const limited = (limits: Partial<Limits>) => connected({ limits });
const atLimit = (limit: keyof Limits) => ({ name: 'LimitError', code: 'QUEUE_FULL', limit });

describe('the limit of', () => {
  it('messages that are not accepted: there is room when one is', async () => {
    const { client, broker } = await limited({ unacceptedMessages: 1 });
    void client.send('alice', 'a', { id: 'm-1' });
    expect(await outcome(client.send('alice', 'b'))).toMatchObject(atLimit('unacceptedMessages'));
    await broker.last.say({ type: 'accepted', id: 'm-1', to: { alice: 'taken' } });
    expect(await outcome(client.send('alice', 'c'))).toBe('waiting');
  });

  it('their bytes: it counts a line as it is written', async () => {
    const line = JSON.stringify({ type: 'send', id: 'm-1', to: ['alice'], body: 'ä' });
    const bytes = Buffer.byteLength(line);
    const small = await limited({ unacceptedBytes: bytes - 1 });
    expect(await outcome(small.client.send('alice', 'ä', { id: 'm-1' }))).toMatchObject(atLimit('unacceptedBytes'));
    const enough = await limited({ unacceptedBytes: bytes });
    expect(await outcome(enough.client.send('alice', 'ä', { id: 'm-1' }))).toBe('waiting');
    expect(await outcome(enough.client.send('alice', 'ä', { id: 'm-2' }))).toMatchObject(atLimit('unacceptedBytes'));
  });

  it('nothing at all: nothing is sent', async () => {
    const { client } = await limited({ unacceptedMessages: 0 });
    expect(await outcome(client.send('alice', 'a'))).toMatchObject(atLimit('unacceptedMessages'));
  });

  it('awaited receipts: the oldest is forgotten', async () => {
    const { client, broker } = await limited({ awaitedReceipts: 1 });
    const sending = ['m-1', 'm-2'].map((id) => client.send('alice', id, { id, receipt: true }));
    for (const id of ['m-1', 'm-2']) await broker.last.say({ type: 'accepted', id, to: { alice: 'held' } });
    const [one, two] = await Promise.all(sending);
    expect(await outcome(one?.acked() ?? Promise.resolve())).toMatchObject(atLimit('awaitedReceipts'));
    expect(await outcome(two?.acked() ?? Promise.resolve())).toBe('waiting');
  });

  it('requests and questions', async () => {
    const { client } = await limited({ requests: 1, questions: 1 });
    const waits = [client.request('alice', 'a'), client.who(['b'])].map(outcomeLater);
    expect(await outcome(client.request('alice', 'c'))).toMatchObject(atLimit('requests'));
    expect(await outcome(client.who(['d']))).toMatchObject(atLimit('questions'));
    for (const wait of waits) expect(await wait()).toBe('waiting');
  });

  it('watched names: a name that is watched twice counts once', async () => {
    const { client } = await limited({ watchedNames: 2 });
    client.watch(['a', 'b']);
    client.watch(['b', 'a']);
    expect(() => client.watch(['c'])).toThrow('watchedNames is reached: 2');
  });

  it('a line of the broker’s: a longer one rejects, and is not sent', async () => {
    const { client, broker } = await connected({}, { limits: { line: 80 } });
    const id = 'm-1';
    const long = client.send('alice', 'x'.repeat(80), { id });
    expect(await outcome(long)).toMatchObject({ name: 'RefusedError', code: 'LINE_TOO_LONG', id });
    expect(await broker.last.heard()).toEqual([]);
  });

  it('rejections that are remembered: as many as the window', async () => {
    const { client, broker, reconnect } = await connected({ window: 2 });
    const messages = client.messages();
    for (let seq = 1; seq <= 3; seq++) {
      await broker.last.say(message(seq));
      (await messages.next()).value?.reject();
    }
    const again = await reconnect();
    await again.heard();
    await again.say(message(2), message(3));
    expect(await again.heard()).toEqual([
      { type: 'reject', seq: 2 },
      { type: 'reject', seq: 3 },
    ]);
  });
});

describe('an option', () => {
  it.each([0, 10_001, 1.5, Number.NaN])('window cannot be %d', (window) => {
    expect(() => settingsOf({ window })).toThrow(UsageError);
  });

  it.each([1, 10_000])('window can be %d', (window) => {
    expect(settingsOf({ window }).window).toBe(window);
  });

  it('that is a number cannot be less than 0, or none', () => {
    for (const value of [-1, Number.NaN]) {
      expect(() => settingsOf({ timeouts: { sendMs: value } })).toThrow('sendMs is less than 0');
      expect(() => settingsOf({ reconnect: { attempts: value } })).toThrow(UsageError);
    }
  });

  it('that is left out has its default, and the others stay', () => {
    const { timeouts, limits, reconnect } = settingsOf({ timeouts: { sendMs: 1 }, reconnect: { maxPauseMs: 5 } });
    expect(timeouts).toMatchObject({ sendMs: 1, openMs: 10_000 });
    expect(limits.unacceptedMessages).toBe(1_024);
    expect(reconnect).toEqual({ firstPauseMs: 100, maxPauseMs: 5, attempts: Number.POSITIVE_INFINITY });
  });
});
