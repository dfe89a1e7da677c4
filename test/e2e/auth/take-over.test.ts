/** Whoever proves a name that is taken gets it, and first of all what the other had in hand. */
import { describe, expect, it } from 'vitest';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';
import { AuthBroker, accountOf, PASSWORD } from './accounts.ts';

const FILE = { accounts: [accountOf('bob')] };
const MESSAGES = 200;
const PAIRS = 20;

describe('a name that is proved', () => {
  it('is taken over from a plain peer, which is told so', async () => {
    await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
    const [first, second] = [await it_.up.connect(), await it_.up.connect()];
    first.send(`bob\n${PASSWORD}\n`);
    await first.got('* you are bob');
    second.send(`bob\n${PASSWORD}\nbob: later\n`);
    await first.got('* taken over');
    await first.gone();
    await second.got('from bob: later');
  });

  it('comes with what the other program has not acknowledged, in order, before what follows', async () => {
    await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
    const hello = { name: 'bob', password: PASSWORD, window: 10 };
    const first = await ProgramPeer.hello(it_.up, hello);
    const ann = await it_.up.peer('ann');
    ann.send(Array.from({ length: MESSAGES }, (_, i) => `bob: ${i}\n`).join(''));
    const [one] = await first.got('message', 10);
    first.say({ type: 'ack', seq: one?.seq });
    const second = await ProgramPeer.hello(it_.up, { ...hello, window: 1_000 });
    expect(await first.got('bye')).toMatchObject([{ code: 'TAKEN_OVER' }]);
    ann.send('bob: last\n');
    const bodies = (await second.got('message', MESSAGES)).map(({ body }) => body);
    expect(bodies).toEqual([...Array.from({ length: MESSAGES - 1 }, (_, i) => String(i + 1)), 'last']);
  });

  it('goes to the last one of many that prove it, and loses nothing on the way', async () => {
    await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
    const ann = await it_.up.peer('ann');
    const got = new Set<string>();
    let last = await ProgramPeer.hello(it_.up, { name: 'bob', password: PASSWORD });
    for (let turn = 0; turn < PAIRS; turn++) {
      ann.send(`bob: ${turn}\n`);
      const next = await ProgramPeer.hello(it_.up, { name: 'bob', password: PASSWORD });
      expect(await last.got('bye')).toMatchObject([{ code: 'TAKEN_OVER' }]);
      const messages = () => next.of('message').map(({ body, seq }) => ({ body: String(body), seq }));
      await until(() => messages().at(-1)?.body === String(turn), `message ${turn}`);
      for (const { body } of messages()) got.add(body);
      next.say({ type: 'ack', seq: messages().at(-1)?.seq });
      last = next;
    }
    // What was acknowledged just before may come again. Nothing is missing, and nothing is out of order.
    expect([...got]).toEqual(Array.from({ length: PAIRS }, (_, turn) => String(turn)));
  });
});
