/** What is sent: the line, what becomes of it, and its receipt. */
import { describe, expect, it } from 'vitest';
import {
  ClosedError,
  ReceiptError,
  RefusedError,
  TimeoutError,
  UsageError,
} from '../../../../src/tools/library/errors.ts';
import { connected, outcome, outcomeLater } from './paper.ts';

const accepted = (id: string, to: object, more = {}) => ({ type: 'accepted', id, to, duplicate: false, ...more });

describe('a message', () => {
  it('is said with what was asked for, and nothing else', async () => {
    const { client, broker } = await connected();
    void client.send('alice', { any: 'json' }, { id: 'm-1' });
    void client.send(['alice', 'carol', 'alice'], null, { id: 'm-2', durable: true, ttl: 60, re: 'q-7' });
    expect(await broker.last.heard()).toEqual([
      { type: 'send', id: 'm-1', to: ['alice'], body: { any: 'json' } },
      { type: 'send', id: 'm-2', to: ['alice', 'carol'], body: null, durable: true, ttl: 60, receipt: true, re: 'q-7' },
    ]);
  });

  it('resolves with what became of it', async () => {
    const { client, broker } = await connected();
    const one = client.send('alice', 'a', { id: 'm-1' });
    const two = client.send(['alice', 'carol'], 'b', { id: 'm-2' });
    await broker.last.say(
      accepted('m-2', { alice: 'taken', carol: 'held' }, { duplicate: true }),
      accepted('m-1', { alice: 'held' }),
    );
    expect(await one).toMatchObject({ id: 'm-1', state: 'held', to: { alice: 'held' }, duplicate: false });
    expect(await two).toMatchObject({ to: { alice: 'taken', carol: 'held' }, state: undefined, duplicate: true });
  });

  it('gets an id of its own, with a prefix by chance', async () => {
    const { client, broker } = await connected();
    void client.send('alice', 'a');
    void client.send('alice', 'b');
    const ids = (await broker.last.heard()).map(({ id }) => id);
    expect(ids).toEqual(['i-1', 'i-2']);
  });

  it('that is not taken rejects with the code, and says for whom it was', async () => {
    const { client, broker } = await connected();
    const sent = outcomeLater(client.send(['alice', 'carol'], 'a', { id: 'm-1' }));
    await broker.last.say(accepted('m-1', { alice: 'taken', carol: 'full' }));
    const error = await sent();
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: 'full', id: 'm-1', to: { alice: 'taken', carol: 'full' } });
  });

  it('that an error is about rejects with its code', async () => {
    const { client, broker } = await connected();
    const sent = outcomeLater(client.send('alice', 'a', { id: 'm-1' }));
    await broker.last.say({ type: 'error', id: 'm-1', code: 'FORBIDDEN', message: 'no' });
    expect(await sent()).toMatchObject({ name: 'RefusedError', code: 'FORBIDDEN', message: 'no' });
  });

  it('that an error with retry is about is sent again then, and what was not written waits behind it', async () => {
    const { client, broker, clock } = await connected();
    const first = client.send('alice', 'a', { id: 'm-1' });
    await broker.last.heard();
    await broker.last.say({ type: 'error', id: 'm-1', code: 'TOO_FAST', message: 'wait', retry: 1.5 });
    void client.send('alice', 'b', { id: 'm-2' });
    await clock.pass(1_499);
    expect(await broker.last.heard()).toEqual([]);
    await clock.pass(1);
    expect((await broker.last.heard()).map(({ id }) => id)).toEqual(['m-1', 'm-2']);
    await broker.last.say(accepted('m-1', { alice: 'taken' }));
    expect(await outcome(first)).toMatchObject({ state: 'taken' });
  });

  it('rejects when its time is over, and what comes later is ignored', async () => {
    const { client, broker, clock } = await connected();
    const timeout = 500;
    const sent = outcomeLater(client.send('alice', 'a', { id: 'm-1', timeout }));
    await clock.pass(500);
    expect(await sent()).toBeInstanceOf(TimeoutError);
    expect(await sent()).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('may have been taken') });
    await broker.last.say(accepted('m-1', { alice: 'taken' }));
    expect(clock.running).toBe(1);
  });

  it('rejects with the reason of its signal', async () => {
    const { client, broker } = await connected();
    const abort = new AbortController();
    const sent = client.send('alice', 'a', { id: 'm-1', signal: abort.signal });
    abort.abort('enough');
    expect(await outcome(sent)).toBe('enough');
    expect(await outcome(client.send('alice', 'b', { signal: abort.signal }))).toBe('enough');
    expect((await broker.last.heard()).length).toBe(1);
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a bigint', 1n],
  ])('of %s cannot be sent', async (_what, body) => {
    const { client } = await connected();
    expect(await outcome(client.send('alice', body))).toBeInstanceOf(UsageError);
  });

  it('to nobody, or with an id that is in use, empty or too long, cannot be sent', async () => {
    const { client } = await connected();
    void client.send('alice', 'a', { id: 'm-1' });
    expect(await outcome(client.send([], 'a'))).toBeInstanceOf(UsageError);
    for (const id of ['m-1', '', 'ä'.repeat(65)]) {
      expect(await outcome(client.send('alice', 'a', { id }))).toBeInstanceOf(UsageError);
    }
    expect(await outcome(client.send('alice', 'a', { id: 'ä'.repeat(64) }))).toBe('waiting');
  });
});

describe('a receipt', () => {
  async function sentTo(...names: string[]) {
    const made = await connected();
    const sending = made.client.send(names, 'a', { id: 'm-1', receipt: true });
    await made.broker.last.say(accepted('m-1', Object.fromEntries(names.map((name) => [name, 'held']))));
    return { ...made, sent: await sending };
  }
  const receipt = (name: string, state = 'acked') => ({ type: 'receipt', id: 'm-1', name, state });

  it('resolves when every name has acknowledged, whenever it is asked for', async () => {
    const { sent, broker } = await sentTo('alice', 'carol');
    const early = sent.acked();
    await broker.last.say(receipt('alice'));
    expect(await outcome(early)).toBe('waiting');
    await broker.last.say(receipt('carol'));
    expect(await outcome(early)).toBe(undefined);
    expect(await outcome(sent.acked())).toBe(undefined);
  });

  it.each(['rejected', 'expired', 'purged'])('of a message that was %s rejects', async (state) => {
    const { sent, broker } = await sentTo('alice', 'carol');
    await broker.last.say(receipt('carol', state));
    const error = await outcome(sent.acked());
    expect(error).toBeInstanceOf(ReceiptError);
    expect(error).toMatchObject({ code: state, recipient: 'carol' });
  });

  it('that does not come in time can be asked for again', async () => {
    const { sent, broker, clock } = await sentTo('alice');
    const timeout = 100;
    const late = outcomeLater(sent.acked({ timeout }));
    await clock.pass(100);
    expect(await late()).toBeInstanceOf(TimeoutError);
    await broker.last.say(receipt('alice'));
    expect(await outcome(sent.acked())).toBe(undefined);
  });

  it('may come before the message is accepted', async () => {
    const { client, broker } = await connected();
    const sending = client.send('alice', 'a', { id: 'm-1', receipt: true });
    await broker.last.say(receipt('alice'), accepted('m-1', { alice: 'taken' }));
    expect(await outcome((await sending).acked())).toBe(undefined);
  });

  it('of a name is in normal form C, and so is what became of it, however the name was written', async () => {
    const { client, broker } = await connected();
    const sending = client.send(['e\u0301', '\u00e9'], 'a', { id: 'm-1', receipt: true });
    expect((await broker.last.heard())[0]?.to).toEqual(['\u00e9']);
    await broker.last.say(accepted('m-1', { '\u00e9': 'taken' }), receipt('\u00e9'));
    const sent = await outcome(sending);
    expect(sent).toMatchObject({ state: 'taken' });
    expect(await outcome((await sending).acked())).toBe(undefined);
  });

  it('is asked for where the message is durable, and must be asked for elsewhere', async () => {
    const { client, broker } = await connected();
    const sending = client.send('alice', 'a', { id: 'm-1' });
    expect((await broker.last.heard())[0]).not.toHaveProperty('receipt');
    await broker.last.say(accepted('m-1', { alice: 'taken' }));
    expect(await outcome((await sending).acked())).toBeInstanceOf(UsageError);
  });

  it('rejects when the client ends', async () => {
    const { sent, client } = await sentTo('alice');
    const waiting = outcomeLater(sent.acked());
    await client.close();
    expect(await waiting()).toBeInstanceOf(ClosedError);
    expect(await outcome(sent.acked())).toBeInstanceOf(ClosedError);
  });
});
