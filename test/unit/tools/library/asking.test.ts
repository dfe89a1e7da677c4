/** Requests, questions about names, who comes and goes, and how the connection stands. */
import { describe, expect, it } from 'vitest';
import type { Status } from '../../../../src/tools/library/core/statuses.ts';
import { linesOfNames } from '../../../../src/tools/library/core/words.ts';
import { connected, message, outcome, outcomeLater } from './paper.ts';

describe('a request', () => {
  it('ends with the body of its reply, which is acknowledged and no message', async () => {
    const { client, broker } = await connected();
    const answer = client.request('alice', 'time?');
    const [asked] = await broker.last.heard();
    expect(asked).toMatchObject({ type: 'send', to: ['alice'], body: 'time?', ttl: 30 });
    await broker.last.say(message(1, { re: asked?.id, body: 'noon' }));
    expect(await answer).toBe('noon');
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 1 }]);
    expect(await outcome(client.messages().next())).toBe('waiting');
  });

  it('that is refused rejects as a send does', async () => {
    const { client, broker } = await connected();
    const answer = outcomeLater(client.request('alice', 'time?'));
    const [asked] = await broker.last.heard();
    await broker.last.say({ type: 'accepted', id: asked?.id, to: { alice: 'unknown' } });
    expect(await answer()).toMatchObject({ name: 'RefusedError', code: 'unknown' });
  });

  it('gives up after its time; a reply that comes then is nobody’s', async () => {
    const { client, broker, clock } = await connected();
    const timeout = 1_500;
    const answer = outcomeLater(client.request('alice', 'time?', { timeout }));
    const [asked] = await broker.last.heard();
    expect(asked).toMatchObject({ ttl: 2 });
    await broker.last.say({ type: 'accepted', id: asked?.id, to: { alice: 'held' } });
    await clock.pass(1_500);
    expect(await answer()).toMatchObject({ code: 'TIMEOUT' });
    await broker.last.say(message(1, { re: asked?.id }), message(2, { re: 'of-another' }));
    expect(await broker.last.heard()).toEqual([{ type: 'ack', seq: 1 }]);
    expect(await client.messages().next()).toMatchObject({ value: { seq: 2 } });
  });

  it('outlives a lost connection', async () => {
    const { client, broker, reconnect } = await connected();
    const answer = client.request('alice', 'time?');
    const [asked] = await broker.last.heard();
    await broker.last.say({ type: 'accepted', id: asked?.id, to: { alice: 'held' } });
    const again = await reconnect();
    await again.say(message(1, { re: asked?.id, body: 'noon' }));
    expect(await answer).toBe('noon');
  });
});

describe('who', () => {
  it('says what the broker knows of names, and is asked again after a lost connection', async () => {
    const { client, reconnect } = await connected();
    const answer = client.who(['carol', 'dave']);
    const again = await reconnect();
    const asked = (await again.heard())[1];
    expect(asked).toMatchObject({ type: 'who', names: ['carol', 'dave'] });
    const names = [
      { name: 'carol', here: false, since: 1_764_150_000, waiting: 1 },
      { name: 'dave', here: true },
    ];
    await again.say({ type: 'who', id: asked?.id, names });
    expect(await answer).toEqual([
      { name: 'carol', here: false, since: 1_764_150_000, waiting: 1 },
      { name: 'dave', here: true, since: undefined, waiting: 0 },
    ]);
  });

  it('rejects when it is refused, when its time is over, and when the client ends', async () => {
    const { client, broker, clock } = await connected();
    const refused = outcomeLater(client.who(['carol']));
    const [asked] = await broker.last.heard();
    await broker.last.say({ type: 'error', id: asked?.id, code: 'FORBIDDEN', message: 'no' });
    expect(await refused()).toMatchObject({ code: 'FORBIDDEN' });
    const late = outcomeLater(client.who(['carol']));
    await clock.pass(30_000);
    expect(await late()).toMatchObject({ code: 'TIMEOUT' });
    const last = outcomeLater(client.who(['carol']));
    await client.close();
    expect(await last()).toMatchObject({ code: 'CLOSED' });
    expect(await outcome(client.who(['carol']))).toMatchObject({ code: 'CLOSED' });
  });
});

describe('watch', () => {
  const presence = (name: string, here: boolean, time: number) => ({ type: 'presence', name, here, time });

  it('tells who comes and goes, of each name the latest', async () => {
    const { client, broker } = await connected();
    const watched = client.watch(['carol', 'dave']);
    expect(await broker.last.heard()).toEqual([{ type: 'watch', names: ['carol', 'dave'] }]);
    await broker.last.say(
      presence('carol', true, 1),
      presence('dave', true, 2),
      presence('erin', true, 3),
      presence('carol', false, 4),
    );
    expect((await watched.next()).value).toEqual({ name: 'carol', here: false, time: 4 });
    expect((await watched.next()).value).toEqual({ name: 'dave', here: true, time: 2 });
    expect(await outcome(watched.next())).toBe('waiting');
  });

  it('is said once a name, and ended when nobody watches it', async () => {
    const { client, broker } = await connected();
    const one = client.watch(['carol', 'dave']);
    const other = client.watch(['dave', 'erin']);
    await one.return?.();
    await one.return?.();
    await other.return?.();
    expect(await broker.last.heard()).toEqual([
      { type: 'watch', names: ['carol', 'dave'] },
      { type: 'watch', names: ['erin'] },
      { type: 'unwatch', names: ['carol'] },
      { type: 'unwatch', names: ['dave', 'erin'] },
    ]);
  });

  it('is said again after a lost connection, and ends with the client', async () => {
    const { client, reconnect } = await connected();
    const watched = client.watch(['carol']);
    const again = await reconnect();
    expect((await again.heard())[1]).toEqual({ type: 'watch', names: ['carol'] });
    await client.close();
    expect(await watched.next()).toEqual({ done: true, value: undefined });
  });

  it('is cut into lines that the broker takes', () => {
    const names = ['aaaa', 'ää', 'b', 'c'.repeat(40)];
    const lines = linesOfNames({ type: 'watch' }, names, 42);
    expect(lines.map((line) => (JSON.parse(line) as { names: string[] }).names)).toEqual([
      ['aaaa', 'ää'],
      ['b'],
      [names[3]],
    ]);
    expect(linesOfNames({ type: 'watch' }, [], 42)).toEqual([]);
  });
});

describe('status', () => {
  it('is what is now, and then every change', async () => {
    const { client, broker, reconnect } = await connected();
    const seen: string[] = [];
    const statuses = client.status();
    const following = (async () => {
      for await (const status of statuses) seen.push(status.state);
    })();
    await reconnect();
    await broker.last.say({ type: 'bye', code: 'QUIT', message: 'goodbye' });
    await following;
    expect(seen).toEqual(['connected', 'disconnected', 'connecting', 'connected', 'closed']);
    const after: Status[] = [];
    for await (const status of client.status()) after.push(status);
    expect(after).toMatchObject([{ state: 'closed', reason: { code: 'QUIT' } }]);
  });

  it('keeps the last sixteen of who does not take them', async () => {
    const { client, reconnect } = await connected();
    const statuses = client.status();
    for (let i = 0; i < 10; i++) await reconnect();
    await client.close();
    const seen: string[] = [];
    for await (const status of statuses) seen.push(status.state);
    expect(seen.length).toBe(16);
    expect(seen.slice(-2)).toEqual(['connected', 'closed']);
  });
});

describe('what belongs to no call', () => {
  it('is told to who asked for it', async () => {
    const told: unknown[] = [];
    const { broker } = await connected({ onNotice: (notice) => told.push(notice) });
    await broker.last.say(
      { type: 'notice', code: 'unknown', name: 'carol', count: 3, text: 'no carol' },
      { type: 'error', id: 'm-9', code: 'LINE_TOO_LONG', message: 'too long' },
      { type: 'what is to come' },
    );
    expect(told).toEqual([
      { code: 'unknown', name: 'carol', count: 3, text: 'no carol' },
      { code: 'LINE_TOO_LONG', text: 'too long' },
    ]);
  });

  it('is told each receipt, whoever sent the message, and each status, the first before the welcome', async () => {
    const receipts: unknown[] = [];
    const states: string[] = [];
    const { broker, clock } = await connected({
      onReceipt: (receipt) => receipts.push(receipt),
      onStatus: ({ state }) => states.push(state),
    });
    await broker.last.say({ type: 'receipt', id: 'of-another', name: 'carol', state: 'rejected' });
    expect(receipts).toEqual([{ id: 'of-another', name: 'carol', state: 'rejected' }]);
    await broker.last.cut();
    await clock.pass(1_000);
    expect(states).toEqual(['connecting', 'connected', 'disconnected', 'connecting']);
  });
});
