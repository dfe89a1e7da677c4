/** A plain peer that is asked for a proof: what it hears, when it is heard, and how it may leave. */
import { describe, expect, it } from 'vitest';
import { until } from '../../helpers/until.ts';
import { AuthBroker, accountOf, PASSWORD, tokenOf } from './accounts.ts';

const [token, stored] = tokenOf(['bob', 'eve']);
const FILE = { accounts: [accountOf('bob')], tokens: [stored] };

describe('a plain peer', () => {
  it('is asked, and what it wrote behind its proof is sent under its name', async () => {
    await using it_ = await AuthBroker.start(FILE);
    const bob = await it_.up.connect();
    bob.send('bob\n');
    await bob.got('* password for bob?\n');
    bob.send(`${PASSWORD}\r\nbob: one\nbob: two\n`);
    await bob.got('from bob: two\n');
    expect(bob.received).toBe('* password for bob?\n* you are bob\nfrom bob: one\nfrom bob: two\n');
  });

  it('may write everything at once, in whatever pieces, and end its side', async () => {
    await using it_ = await AuthBroker.start(FILE);
    const eve = await it_.up.connect();
    eve.send(`eve\n${token}\n`);
    await eve.got('* you are eve');
    for (const [i, text] of [`bob\n${token}\neve: 0\n`, `bob\r\n${PASSWORD}\r\neve: 1`].entries()) {
      const bob = await it_.up.connect();
      bob.send(text.slice(0, 10));
      await bob.got('* password');
      bob.send(text.slice(10)).end();
      await bob.gone();
      await eve.got(`from bob: ${i}\n`);
    }
  });

  it('that ends its side without a proof is told so, and one that is reset leaves nothing', async () => {
    await using it_ = await AuthBroker.start(FILE);
    const [ended, reset] = [await it_.up.connect(), await it_.up.connect()];
    ended.send('bob\n').end();
    reset.send('bob\nhalf of it');
    await reset.got('* password');
    reset.reset();
    await ended.gone();
    expect(ended.received).toBe('* password for bob?\n* your name needs a proof: a password or a token\n');
    await until(() => it_.up.broker.view.sessions().length === 0, 'both to be gone');
  });

  it('that has closed before it is asked keeps no place until its time is over', async () => {
    await using it_ = await AuthBroker.start(FILE, { NAME_TIMEOUT_SECONDS: 1_000 });
    for (let i = 0; i < 20; i++) {
      const peer = await it_.up.connect();
      await until(() => it_.up.endOf(peer) !== undefined, 'the connection to be accepted');
      peer.send('bob\n').destroy();
    }
    await until(() => it_.up.broker.view.sessions().length === 0, 'all to be gone');
  });

  it('has no more time for name and proof together', async () => {
    await using it_ = await AuthBroker.start(FILE, { NAME_TIMEOUT_SECONDS: 0.2 });
    const bob = await it_.up.connect();
    bob.send('bob\n');
    await bob.gone();
    expect(bob.received).toBe('* password for bob?\n* no name within 0.2 seconds\n');
  });

  it('is not asked with NOTICES=off, and its next line is its proof all the same', async () => {
    await using it_ = await AuthBroker.start(FILE, { NOTICES: 'off' });
    const bob = await it_.up.connect();
    bob.send(`bob\n${token}\nbob: hi\n`);
    await bob.got('from bob: hi\n');
    expect(bob.received).toBe('from bob: hi\n');
  });

  it('that is asked does not hold up a broker that stops', async () => {
    await using it_ = await AuthBroker.start(FILE, { NAME_TIMEOUT_SECONDS: 1_000, DRAIN_SECONDS: 1_000 });
    const bob = await it_.up.connect();
    bob.send('bob\n');
    await bob.got('* password');
    await it_.up.broker.view.drain();
    await bob.gone();
    expect(bob.received).toContain('* the broker is stopping');
  });
});
