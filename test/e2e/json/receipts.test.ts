/** Receipts and rejections, on real sockets. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';

it('a sender is told of each name when it is done with its message', async () => {
  await using broker = await startBroker();
  await broker.peer('carol');
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  const dave = await ProgramPeer.hello(broker, { name: 'dave', ack: false });
  ann.say({ type: 'send', to: ['bob', 'carol', 'dave'], body: 1, id: 'm', receipt: true, durable: true });
  await bob.got('message');
  await dave.got('message');
  expect((await ann.got('receipt', 2)).map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'carol acked',
    'dave acked',
  ]);
  bob.ack(1);
  expect((await ann.got('receipt', 3)).at(-1)).toEqual({ type: 'receipt', id: 'm', name: 'bob', state: 'acked' });
});

it('a rejected message does not come again, and its sender is told', async () => {
  await using broker = await startBroker();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  for (const body of [1, 2, 3]) ann.say({ type: 'send', to: 'bob', body, id: `${body}`, receipt: true, durable: true });
  await bob.got('message', 3);
  const seq = (body: number) => bob.of('message').find((message) => message.body === body)?.seq;
  bob.say({ type: 'reject', seq: seq(2), reason: 'no job' }, { type: 'reject', seq: seq(2) }, { type: 'ping' });
  expect(await ann.got('receipt')).toEqual([{ type: 'receipt', id: '2', name: 'bob', state: 'rejected' }]);
  await bob.got('pong');
  bob.peer.destroy();
  const again = await ProgramPeer.hello(broker, { name: 'bob' });
  expect((await again.got('message', 2)).map(({ body, redelivered }) => [body, redelivered])).toEqual([
    [1, true],
    [3, true],
  ]);
  again.ack(3);
  expect((await ann.got('receipt', 3)).map(({ id, state }) => [id, state])).toEqual([
    ['2', 'rejected'],
    ['1', 'acked'],
    ['3', 'acked'],
  ]);
});

it('a receipt needs an id', async () => {
  await using broker = await startBroker();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  ann.say({ type: 'send', to: 'ann', body: 1, receipt: true });
  expect((await ann.got('error'))[0]?.message).toBe('id: none, and a receipt needs one');
});
