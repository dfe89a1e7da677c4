/** Messages that expire, and mail for names that were never here, on real sockets. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

it('a message expires after its ttl, and its sender is told', async () => {
  await using broker = await startBroker();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  ann.say({ type: 'watch', names: ['bob'] });
  await ann.got('presence');
  bob.peer.destroy();
  await until(() => ann.of('presence').at(-1)?.here === false, 'bob to be away');
  ann.say({ type: 'send', to: 'bob', body: 'soon', id: 's', ttl: 1, receipt: true });
  ann.say({ type: 'send', to: 'bob', body: 'late', id: 'l', ttl: 1_000_000, receipt: true });
  expect(await ann.got('accepted', 2)).toMatchObject([{ to: { bob: 'held' } }, { to: { bob: 'held' } }]);
  expect(await ann.got('receipt')).toEqual([{ type: 'receipt', id: 's', name: 'bob', state: 'expired' }]);
  const again = await ProgramPeer.hello(broker, { name: 'bob' });
  const [late] = await again.got('message');
  expect(late).toMatchObject({ body: 'late', held: true });
  // It is held for HOLD_SECONDS at most.
  const lifetime = Number(late?.expires) - Math.floor(Number(late?.time) / 1000);
  expect([604_800, 604_801]).toContain(lifetime);
});

it.each([0, -1, 1.5, '60', 2 ** 32])('a ttl of %j is refused', async (ttl) => {
  await using broker = await startBroker();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  ann.say({ type: 'send', to: 'ann', body: 1, id: 'm', ttl });
  expect((await ann.got('error'))[0]).toMatchObject({
    id: 'm',
    code: 'BAD_REQUEST',
    message: 'ttl: must be a whole number from 1 to 2147483648',
  });
});

it('a queue takes mail before its first worker, with HOLD_UNKNOWN=on', async () => {
  await using broker = await startBroker({ HOLD_UNKNOWN: 'on' });
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  ann.say({ type: 'send', to: ['jobs', '~nobody'], body: 'first', id: 'm', durable: true });
  expect(await ann.got('accepted')).toMatchObject([{ to: { jobs: 'held', '~nobody': 'unknown' } }]);
  const worker = await ProgramPeer.hello(broker, { name: 'jobs' });
  expect(await worker.got('message')).toMatchObject([{ body: 'first', held: true }]);
});
