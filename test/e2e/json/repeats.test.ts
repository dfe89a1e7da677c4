/** A program sends a message again under the same id, because it does not know what became of the first. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';

it('a message that is sent again over the next connection is delivered once', async () => {
  await using broker = await startBroker();
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  const carol = await ProgramPeer.hello(broker, { name: 'carol' });
  carol.peer.end();
  await carol.peer.gone();
  const message = { type: 'send', id: 'm-"1"', to: ['bob', 'carol'], body: 'once' };
  const first = await ProgramPeer.hello(broker, { name: 'ann' });
  first.say(message);
  await first.got('accepted');
  first.peer.end();
  await first.peer.gone();
  const next = await ProgramPeer.hello(broker, { name: 'ann' });
  next.say(message, { ...message, id: 'm-2', to: 'bob', body: 'last' });
  await next.got('accepted', 2);
  const to = { bob: 'taken', carol: 'held' };
  expect(
    [...first.of('accepted'), ...next.of('accepted')].sort((a, b) => String(a.id).localeCompare(String(b.id))),
  ).toEqual(
    expect.arrayContaining([
      { type: 'accepted', id: 'm-"1"', to, duplicate: false },
      { type: 'accepted', id: 'm-"1"', to, duplicate: true },
      { type: 'accepted', id: 'm-2', to: { bob: 'taken' }, duplicate: false },
    ]),
  );
  await bob.got('message', 2);
  expect(bob.bodies).toEqual(['once', 'last']);
  const back = await ProgramPeer.hello(broker, { name: 'carol' });
  await back.got('message');
  expect(back.of('welcome')).toMatchObject([{ waiting: 1 }]);
});

it('with DEDUPE_SECONDS=0 it is delivered twice', async () => {
  await using broker = await startBroker({ DEDUPE_SECONDS: 0 });
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  const message = { type: 'send', id: 'm', to: 'bob', body: 'twice' };
  bob.say(message, message);
  await bob.got('message', 2);
  expect((await bob.got('accepted', 2)).map(({ duplicate }) => duplicate)).toEqual([false, false]);
});
