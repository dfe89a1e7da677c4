/** Mail is read over HTTP, stays until it is acknowledged, and is never lost. */
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../helpers/folder.ts';
import { RawClient } from '../../../../helpers/programs/raw-client.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient, type HttpClient } from './client.ts';

/** Sends texts, each from the same sender. */
async function sendAll(http: HttpClient, name: string, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) expect((await http.send(`${name}?from=sender`, body))[0]).toBe(202);
}

describe('mail of a name', () => {
  it('that was held is fetched in order, comes again until it is acknowledged, and then is gone', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const bob = await broker.peer('bob');
    await bob.leave();
    await until(() => broker.broker.view.sessions().length === 0, 'bob to be gone');
    await sendAll(http, 'bob', ['1', '2', '3', '4']);
    const first = await http.mail('bob?limit=2');
    expect(first).toMatchObject([
      { type: 'message', from: 'sender', body: '1', held: true },
      { body: '2', held: true },
    ]);
    expect(first[0]).not.toHaveProperty('redelivered');
    const again = await http.mail('bob?limit=3');
    expect(again.map(({ body, redelivered }) => [body, redelivered])).toEqual([
      ['1', true],
      ['2', true],
      ['3', undefined],
    ]);
    const seq = Number(again[0]?.seq);
    expect(again.map((message) => message.seq)).toEqual([seq, seq + 1, seq + 2]);
    expect(await http.ack('bob', seq + 1)).toEqual([200, { seq: seq + 1, acknowledged: 2 }]);
    expect(await http.ack('bob', seq + 1)).toEqual([200, { seq: seq + 1, acknowledged: 0 }]);
    expect(await http.bodies('bob')).toEqual(['3', '4']);
    expect((await http.ack('bob', seq + 3))[1]).toMatchObject({ acknowledged: 2 });
    expect(await http.bodies('bob')).toEqual([]);
    await until(() => broker.broker.view.sessions()[0]?.waitingMessages === 0, 'the acknowledgement');
    expect(await broker.held()).toBe(0);
  });

  it('is waited for, and an answer without any comes in time', async () => {
    await using all = await brokerAndClient();
    const waits = all.http.bodies('bob?wait=30');
    await until(() => all.broker.broker.view.sessions().length === 1, 'the request to wait');
    await sendAll(all.http, 'bob', ['now']);
    expect(await waits).toEqual(['now']);
    const began = performance.now();
    expect(await all.http.bodies('carol?wait=1')).toEqual([]);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('is given to one request at a time; a connected peer keeps its name', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const [first, second] = [http.bodies('bob?wait=30'), http.bodies('bob?wait=20')];
    await until(() => broker.broker.view.sessions().length === 1, 'one of the two to wait');
    const third = await http.ask('/v1/mail/bob');
    expect([third.status, JSON.parse(third.text)]).toMatchObject([409, { code: 'MAIL_IN_USE' }]);
    await sendAll(http, 'bob', ['for both']);
    expect([await first, await second]).toEqual([['for both'], ['for both']]);
    const alice = await broker.peer('alice');
    const refused = await http.ask('/v1/mail/alice');
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([409, { code: 'NAME_TAKEN' }]);
    const waits = http.bodies('alice?wait=30');
    await until(() => broker.broker.view.sessions().some(({ standing }) => standing === 'waiting'), 'a wait');
    await alice.leave();
    await sendAll(http, 'alice', ['later']);
    expect(await waits).toEqual(['later']);
  });

  it('that was given out and not acknowledged is not lost when the broker stops', async () => {
    using folder = temporaryFolder();
    {
      await using all = await brokerAndClient({ DATA_DIR: folder.path });
      await all.http.mail('bob');
      await sendAll(all.http, 'bob', ['1', '2', '3']);
      const [one] = await all.http.mail('bob?limit=2');
      await all.http.ack('bob', one?.seq);
    }
    await using all = await brokerAndClient({ DATA_DIR: folder.path });
    const bob = await all.broker.peer('bob');
    await bob.got('from sender: 3\n');
    expect(bob.mail).toBe('from sender: 2\nfrom sender: 3\n');
  });

  it('is not lost when a client goes away while it waits, or in the middle of an answer', async () => {
    await using all = await brokerAndClient({ WRITE_WINDOW_BYTES: '8MiB', MAILBOX_MAX_BYTES: '64MiB' });
    const { http, broker } = all;
    {
      using waits = new RawClient(http.url).write('GET /v1/mail/bob?wait=50 HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await until(() => broker.broker.view.sessions().length === 1, `the request to wait ${waits.received}`);
    }
    const bodies = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(60_000)}`);
    await sendAll(http, 'bob', bodies);
    {
      using cut = new RawClient(http.url).write('GET /v1/mail/bob HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await until(() => cut.received.includes('"body":"0 xx'), 'the beginning of an answer');
    }
    const got: unknown[] = [];
    for (let reads = 0; reads < 100 && got.length < bodies.length; reads++) {
      const some = await http.mail('bob?wait=1');
      got.push(...some.map(({ body }) => body));
      if (some.length > 0) await http.ack('bob', some.at(-1)?.seq);
    }
    expect(got.map((body) => String(body).split(' ')[0])).toEqual(bodies.map((_, index) => String(index)));
  });

  it('may be sent to and from a name that is read', async () => {
    await using all = await brokerAndClient();
    await all.http.mail('worker');
    expect(await all.http.send('worker?from=worker', 'to myself')).toMatchObject([202, { to: { worker: 'taken' } }]);
    expect(await all.http.mail('worker')).toMatchObject([{ from: 'worker', body: 'to myself' }]);
    const peer = expect.stringMatching(/^http 127\.0\.0\.1:\d+$/);
    expect(all.broker.broker.view.sessions()).toMatchObject([{ name: 'worker', peer }]);
    const metrics = await all.http.ask('/metrics');
    expect(metrics.text).toContain('restante_http_sessions{use="mail"} 1\nrestante_http_sessions{use="send"} 0\n');
    expect(metrics.text).toContain('restante_connections{kind="acknowledging",transport="http"} 1\n');
  });

  it('with a time to live that is over does not come', async () => {
    await using all = await brokerAndClient();
    await (await all.broker.peer('bob')).leave();
    await until(() => all.broker.broker.view.sessions().length === 0, 'bob to be gone');
    expect((await all.http.send('bob?from=s&ttl=1', 'short'))[0]).toBe(202);
    expect((await all.http.send('bob?from=s&ttl=1000', 'long'))[0]).toBe(202);
    let held = 2;
    const look = async () => {
      while (held > 1) held = await all.broker.held();
    };
    await look();
    expect(await all.http.bodies('bob')).toEqual(['long']);
  });
});

describe('an acknowledgement', () => {
  it.each([[9_007_199_254_740_992], [-1], [1.5], ['41'], [null], [undefined]])('of %s is refused', async (seq) => {
    await using all = await brokerAndClient();
    expect(await all.http.ack('bob', seq)).toMatchObject([400, { code: 'REQUEST_REFUSED' }]);
  });

  it('of what was not given out, or where nobody reads, is refused', async () => {
    await using all = await brokerAndClient();
    const { http, broker } = all;
    expect(await http.ack('bob', 1)).toMatchObject([409, { code: 'NO_READER' }]);
    await broker.peer('carol');
    expect(await http.ack('carol', 1)).toMatchObject([409, { code: 'NO_READER' }]);
    await http.mail('bob');
    await sendAll(http, 'bob', ['1', '2']);
    const [one] = await http.mail('bob?limit=1');
    expect(await http.ack('bob', Number(one?.seq) + 1)).toMatchObject([409, { code: 'SEQ_NOT_GIVEN' }]);
    expect(await http.bodies('bob')).toEqual(['1', '2']);
    for (const body of ['', 'x', '[]', '41', 'null']) {
      const answer = await http.ask('/v1/mail/bob/ack', { method: 'POST', body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
  });
});
