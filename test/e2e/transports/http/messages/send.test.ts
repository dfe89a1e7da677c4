/** Messages are sent over HTTP, and every outcome has its answer. */
import { describe, expect, it } from 'vitest';
import { ProgramPeer } from '../../../../helpers/program-peer.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient } from './client.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a message of curl', () => {
  it('reaches people and programs, as a text or as JSON with all its digits', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const alice = await broker.peer('alice');
    const program = await ProgramPeer.hello(broker, { name: 'program' });
    const [status, accepted] = await http.send('alice,program?from=curl&id=m-1&re=q-7', 'hello "you"\nthere');
    expect(status).toBe(202);
    expect(accepted).toEqual({
      type: 'accepted',
      id: 'm-1',
      to: { alice: 'taken', program: 'taken' },
      duplicate: false,
    });
    const pretty = '{\n  "n": 12345678901234567890.10\n}';
    expect((await http.send('alice,program', pretty, { 'content-type': 'application/x+json; charset=utf-8' }))[0]).toBe(
      202,
    );
    await alice.got('from curl: hello "you"\nfrom curl: there\n');
    await until(() => alice.mail.includes('{"n":12345678901234567000}'), 'the JSON');
    const [first, second] = await program.got('message', 2);
    expect(first).toMatchObject({ from: 'curl', id: 'm-1', re: 'q-7', body: 'hello "you"\nthere' });
    expect(second?.from).toMatch(/^~/);
    expect(program.peer.received).toContain('"body":{   "n": 12345678901234567890.10 }');
  });

  it('takes options of the query and of headers, in UTF-8', async () => {
    await using all = await brokerAndClient();
    const program = await ProgramPeer.hello(all.broker, { name: 'zoë smith' });
    const latin = (text: string) => Buffer.from(text).toString('latin1');
    const headers = { from: latin('Zoë'), id: latin('ä-1'), durable: 'true', ttl: '60' };
    const names = encodeURIComponent('zoë smith');
    expect(await all.http.send(names, 'x', headers)).toMatchObject([202, { id: 'ä-1', to: { 'zoë smith': 'held' } }]);
    const [message] = await program.got('message');
    expect(message).toMatchObject({ from: 'Zoë', id: 'ä-1', held: true, expires: expect.any(Number) });
    expect(await all.http.send(`${names}?from=q&id=q-1`, 'x', headers)).toMatchObject([202, { id: 'q-1' }]);
    expect((await program.got('message', 2))[1]).toMatchObject({ from: 'q' });
  });

  it('that is repeated under its id is taken once, and marked; without a name it is another message', async () => {
    await using all = await brokerAndClient();
    const bob = await all.broker.peer('bob');
    const send = (path: string) => all.http.send(path, 'once');
    expect(await send('bob?from=curl&id=1')).toMatchObject([202, { duplicate: false }]);
    expect(await send('bob?from=curl&id=1')).toMatchObject([202, { duplicate: true, to: { bob: 'taken' } }]);
    const both = await Promise.all([send('bob?from=c&id=1'), send('bob?from=c&id=1')]);
    expect(both.map(([, { duplicate }]) => duplicate).sort()).toEqual([false, true]);
    expect(await send('bob?id=1')).toMatchObject([202, { duplicate: false }]);
    expect(await send('bob?id=1')).toMatchObject([202, { duplicate: false }]);
    await all.broker.quiet();
    expect(bob.mail.match(/once/g)?.length).toBe(4);
  });

  it('in the name of a connected peer is refused, and sent once that has gone', async () => {
    await using all = await brokerAndClient();
    const alice = await all.broker.peer('alice');
    await all.broker.peer('bob');
    expect(await all.http.send('bob?from=alice')).toMatchObject([409, { code: 'NAME_TAKEN' }]);
    await alice.leave();
    await until(() => all.broker.broker.view.sessions().length === 1, 'alice to be gone');
    expect((await all.http.send('bob?from=alice'))[0]).toBe(202);
    await until(() => all.broker.broker.view.sessions().length === 1, 'the session of the request to end');
  });
});

describe('a message that nobody takes', () => {
  it('is answered by why, with the state for each name; one who takes it is enough', async () => {
    await using all = await brokerAndClient({ MAILBOX_MAX_MESSAGES: 1, FAIR_RESERVE_PERCENT: 0 });
    const { broker, http } = all;
    for (const name of ['bob', 'carol']) await (await broker.peer(name)).leave();
    await until(() => broker.broker.view.sessions().length === 0, 'both to be gone');
    expect(await http.send('nobody,nobody2')).toMatchObject([
      404,
      { code: 'NO_RECIPIENT', to: { nobody: 'unknown', nobody2: 'unknown' } },
    ]);
    expect(await http.send('bob')).toMatchObject([202, { to: { bob: 'held' } }]);
    expect(await http.send('bob,nobody')).toMatchObject([
      507,
      { code: 'ALL_FULL', to: { bob: 'full', nobody: 'unknown' } },
    ]);
    expect(await http.send('bob,carol')).toMatchObject([202, { to: { bob: 'full', carol: 'held' } }]);
    await broker.peer('~guest');
    expect(await http.send('~guest?durable=true')).toMatchObject([507, { code: 'NOT_STORED' }]);
  });

  it('because its shard crashes is answered 503, and can be sent again', async () => {
    await using all = await brokerAndClient();
    await all.broker.peer('bob');
    // The session is there already, so the batch at which the shard throws is that of the message.
    await all.http.mail('curl');
    await all.broker.broker.control(0)?.throwAtNextBatch('shard');
    const answer = await all.http.post('bob?from=curl&id=2');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'OUTCOME_UNKNOWN', retry: 2 });
    await until(() => all.broker.broker.view.ready(), 'the shard to be there');
    expect((await all.http.send('bob?from=curl&id=2'))[0]).toBe(202);
  });

  it('because there are too many connections, or the broker stops, is told so', async () => {
    await using all = await brokerAndClient({ MAX_CONNECTIONS: 1 });
    const bob = await all.broker.peer('bob');
    expect(await all.http.send('bob')).toMatchObject([429, { code: 'TOO_MANY', retry: 2 }]);
    expect((await all.http.ask('/v1/mail/carol')).status).toBe(429);
    bob.freeze();
    const stopped = all.broker.broker.stop();
    expect(await all.http.send('bob')).toMatchObject([503, { code: 'NOT_SERVED' }]);
    expect((await all.http.ask('/v1/mail/carol')).status).toBe(503);
    bob.destroy();
    await stopped;
  });
});

it('JSON of the wrong kind, and a line that is too long, are refused', async () => {
  await using all = await brokerAndClient();
  await all.broker.peer('bob');
  expect(await all.http.send('bob', '{"n":', JSON_TYPE)).toMatchObject([400, { code: 'REQUEST_REFUSED' }]);
  expect(await all.http.send('bob', '"'.repeat(65_000))).toMatchObject([413, { code: 'MESSAGE_TOO_LARGE' }]);
  expect(await all.http.send('bob', 'x'.repeat(65_537))).toMatchObject([413, { code: 'BODY_TOO_LARGE' }]);
  expect((await all.http.send('bob', 'x'.repeat(65_000)))[0]).toBe(202);
});
