/** A program that acknowledges, or rejects, what it never got: nothing is lost, and nothing is ended. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

const WINDOW = 3;
const SENT = 5;
const HALF_WORD = 2 ** 31;
const WORD = 2 ** 32;

/** The seq of each message that has come. */
const seqs = (program: ProgramPeer) => program.of('message').map(({ seq }) => Number(seq));

it.each(['ack', 'reject'])('%s of a number that is not of an unacknowledged message does nothing', async (type) => {
  await using broker = await startBroker();
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const eve = await ProgramPeer.hello(broker, { name: 'eve' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob', window: WINDOW });
  for (const to of ['eve', 'bob']) {
    for (let i = 0; i < SENT; i++)
      ann.say({ type: 'send', id: `${to}-${i}`, to, body: i, durable: true, receipt: true });
  }
  await ann.got('accepted', 2 * SENT);
  await eve.got('message', SENT);
  const [first = 0] = (await bob.got('message', WINDOW)).map(({ seq }) => Number(seq));
  // The first message is done with, so its number is one of the past.
  bob.ack(0);
  await bob.got('message', WINDOW + 1);
  await ann.got('receipt');
  const last = first + WINDOW;
  const ofEve = seqs(eve).filter((seq) => seq <= first || seq > last);
  expect(ofEve).toHaveLength(SENT);
  const numbers = [
    ...[0, 1, first - WORD, first - HALF_WORD, first - 1, first],
    ...[last + 1, last + SENT, last + HALF_WORD, first + WORD, last + WORD, Number.MAX_SAFE_INTEGER],
    ...ofEve,
  ];
  bob.say(...numbers.map((seq) => ({ type, seq })));
  const nonsense = [-1, 0.5, 2 ** 53, '1', null, [first], undefined];
  bob.say(...nonsense.map((seq) => ({ type, seq })), { type: 'ping' });
  bob.peer.send(`{"type":"${type}","seq":1e400}\n{"type":"ping"}\n`);
  await bob.got('pong', 2);
  expect(bob.of('error').map(({ code }) => code)).toEqual(Array(nonsense.length + 1).fill('BAD_REQUEST'));
  await broker.quiet();
  // What was not sent yet is not done with in advance, and no window has opened.
  expect([bob.bodies, ann.of('receipt').length]).toEqual([[0, 1, 2, 3], 1]);
  bob.ack(1);
  await bob.got('message', SENT);
  bob.peer.reset();
  await until(() => broker.broker.view.sessions().length === 2, 'bob to have left');
  const again = await ProgramPeer.hello(broker, { name: 'bob' });
  await again.got('message', WINDOW);
  expect(again.of('message').map(({ body, redelivered }) => [body, redelivered])).toEqual([
    [2, true],
    [3, true],
    [4, true],
  ]);
  again.ack(4);
  const receipts = await ann.got('receipt', SENT);
  expect(receipts.map(({ id, state }) => `${id} ${state}`)).toEqual(
    Array.from({ length: SENT }, (_, i) => `bob-${i} acked`),
  );
  eve.peer.reset();
  await until(() => broker.broker.view.sessions().length === 2, 'eve to have left');
  const eveAgain = await ProgramPeer.hello(broker, { name: 'eve' });
  await eveAgain.got('message', SENT);
  expect(seqs(eveAgain)).toEqual(seqs(eve));
});
