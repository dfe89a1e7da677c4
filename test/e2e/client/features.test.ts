/** What the client library asks of the broker beside plain sends, over real sockets. */
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/tools/library/index.ts';
import { startBroker } from '../../helpers/broker.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { urlOf, WAYS } from '../../helpers/programs/ways.ts';
import { inTime } from '../../helpers/until.ts';

const WAIT = { timeout: paced(10_000) };
describe.each(WAYS)('over %s', (way) => {
  it('a durable message is held, and its sender learns that it was worked off, or rejected', async () => {
    await using broker = await startBroker();
    await using ann = await connect(urlOf(broker, way), { name: 'ann' });
    await using bob = await connect(urlOf(broker, way), { name: 'bob' });
    const first = await ann.send('bob', 1, { durable: true, receipt: true });
    const second = await ann.send('bob', 2, { durable: true, receipt: true });
    expect([first.state, second.state]).toEqual(['held', 'held']);
    const messages = bob.messages();
    for (const word of ['ack', 'reject'] as const) (await inTime(messages.next(), 'a message')).value?.[word]();
    await first.acked(WAIT);
    await expect(second.acked(WAIT)).rejects.toMatchObject({ code: 'rejected' });
  });

  it('a message that is sent again under its id is taken once', async () => {
    await using broker = await startBroker();
    await using ann = await connect(urlOf(broker, way), { name: 'ann' });
    await using bob = await connect(urlOf(broker, way), { name: 'bob' });
    expect([await ann.send('bob', 'job', { id: 'j' }), await ann.send('bob', 'job', { id: 'j' })]).toMatchObject([
      { state: 'taken', duplicate: false },
      { state: 'taken', duplicate: true },
    ]);
    await ann.send('bob', 'next');
    const messages = bob.messages();
    const two = [await inTime(messages.next(), 'the first'), await inTime(messages.next(), 'the second')];
    expect(two.map(({ value }) => value?.body)).toEqual(['job', 'next']);
  });

  it('who is here is told when it is asked, and when it changes', async () => {
    await using broker = await startBroker();
    await using ann = await connect(urlOf(broker, way), { name: 'ann' });
    expect(await ann.who(['ann', 'bob'])).toMatchObject([
      { name: 'ann', here: true },
      { name: 'bob', here: false },
    ]);
    const watch = ann.watch(['bob']);
    const seen = async () => (await inTime(watch.next(), 'a presence')).value?.here;
    expect(await seen()).toBe(false);
    const bob = await connect(urlOf(broker, way), { name: 'bob' });
    expect(await seen()).toBe(true);
    await bob.drain();
    expect(await seen()).toBe(false);
  });
});
