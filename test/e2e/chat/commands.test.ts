/** The lines of the broker to a peer that comes, asks, or makes a mistake. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';

describe('a welcome', () => {
  it('says the name, and how much waited, before any of it', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    const bob = (await broker.connect()).send('bob\n');
    await bob.got('* you are bob\n');
    await bob.leave();
    alice.send('bob: 1\n');
    await broker.quiet();
    const again = (await broker.connect()).send('bob\n');
    await broker.quiet();
    expect(again.received).toBe('* you are bob: 1 message waited\nfrom alice: 1\n');
    await again.leave();
    alice.send('bob: 2\nbob: 3\n');
    await broker.quiet();
    const third = (await broker.connect()).send('bob\nbob: 4\n');
    await broker.quiet();
    expect(third.received.split('\n').slice(0, 3)).toEqual([
      '* you are bob: 2 messages waited',
      'from alice: 2',
      'from alice: 3',
    ]);
  });

  it('is first, whatever the peer asks before its shard has answered', async () => {
    await using broker = await startBroker();
    const bob = (await broker.connect()).send('bob\nhello\n/x\n');
    await broker.quiet();
    expect(bob.received.split('\n')[0]).toBe('* you are bob');
  });

  it('is not sent if notices are off, and commands are not answered', async () => {
    await using broker = await startBroker({ NOTICES: 'off' });
    const bob = (await broker.connect()).send('bob\n/help\nhello\n/quit\nbob: on\n');
    await bob.got('from bob: on\n');
    expect(bob.received).toBe('from bob: on\n');
  });
});

describe('a command', () => {
  it('/help is answered in several lines', async () => {
    await using broker = await startBroker();
    const bob = (await broker.peer('bob')).send('/help\n');
    await broker.quiet();
    expect(bob.received).toMatch(/^(\* [^\n]+\n){4,}$/);
    for (const word of ['NAME: MESSAGE', '/who', '/who NAME', '/quit']) expect(bob.received).toContain(word);
  });

  it('/who lists the connected peers of all shards, and not those that have left', async () => {
    await using broker = await startBroker({ SHARDS: 3 });
    const alice = await broker.peer('alice');
    const bob = await broker.peer('bob');
    await broker.connect(); // without a name it is not listed
    alice.send('/who\n');
    await alice.got('* 2 are here: alice, bob\n');
    await bob.leave();
    alice.send('/who\n');
    await alice.got('* 1 is here: alice\n');
  });

  it('/who right behind the name already lists the peer that asks', async () => {
    await using broker = await startBroker();
    const bob = await broker.connect();
    bob.send('bob\n/who\n');
    await bob.got('* you are bob\n* 1 is here: bob\n');
  });

  it.each([0, 604_800])('/who NAME is answered though the stream ends at once, HOLD_SECONDS=%d', async (hold) => {
    await using broker = await startBroker({ HOLD_SECONDS: hold });
    await broker.peer('alice');
    const bob = await broker.connect();
    bob.send('bob\n/who alice\n');
    await bob.leave();
    expect(bob.received).toBe('* you are bob\n* alice is here: nothing waits\n');
  });

  it('/who lists 50 at most, and says how many there are', async () => {
    await using broker = await startBroker();
    const peers = await Promise.all(Array.from({ length: 60 }, () => broker.connect()));
    for (const [i, peer] of peers.entries()) peer.send(`p${i}\n`);
    await broker.quiet();
    const [first] = peers;
    first?.send('/who\n');
    await first?.got('* 60 are here; 50 of them: ');
    expect(first?.received.split('50 of them: ')[1]?.split(', ')).toHaveLength(50);
  });

  it('/who NAME says how a name stands', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    const bob = await broker.peer('bob');
    alice.send('/who bob\n/who eve\n');
    await alice.got('* bob is here: nothing waits\n');
    await alice.got('* eve is unknown\n');
    await bob.leave();
    alice.send('bob: 1\nbob: 2\n/who bob\n');
    await alice.got('2 messages wait\n');
    expect(alice.received).toMatch(/\* bob is away since \d{4}-\d\d-\d\d \d\d:\d\d UTC: 2 messages wait\n/);
    await broker.peer('zoë');
    alice.send('/who zoe\u0308\n');
    await alice.got('* zoë is here: nothing waits\n');
    alice.send(`/who e${'\u0301\u0323'.repeat(15_000)}\n`); // its normalization would take seconds
    alice.send(`/who ${'x'.repeat(300)}\n`);
    await alice.got(`* ${'x'.repeat(256)}… is unknown\n`);
  });

  it('/quit ends the session in order: what came before it is sent, what comes after it is not', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    const bob = (await broker.peer('bob')).send('alice: 1\n/quit\nalice: 2\n');
    await bob.gone();
    expect(bob.received).toBe('* goodbye\n');
    await broker.quiet();
    expect(alice.received).toBe('from bob: 1\n');
    await bob.leave();
    alice.send('bob: 3\n');
    expect((await broker.peer('bob')).received).toBe('from alice: 3\n');
  });

  it('that does not exist is answered so, and is not routed', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    const bob = (await broker.peer('bob')).send('/msg alice hi\n/alice: hi\n');
    await broker.quiet();
    expect(bob.received).toBe(
      '* there is no command /msg: /help says which there are\n* there is no command /alice:: /help says which there are\n',
    );
    expect(alice.received).toBe('');
  });

  it('is an ordinary line if a name may begin with a slash', async () => {
    await using broker = await startBroker({ STRICT: 'off' });
    const alice = await broker.peer('alice');
    const odd = await broker.peer('/x');
    alice.send('/x: hi\n/who\n');
    await alice.got('* 2 are here: alice, /x\n');
    await broker.quiet();
    expect(odd.received).toBe('from alice: hi\n');
  });

  it('sent again and again costs other peers nothing, and its sender most of the answers', async () => {
    await using broker = await startBroker();
    const bystander = await broker.peer('bystander');
    const alice = await broker.peer('alice');
    alice.send('/who\n/help\n/who bystander\n'.repeat(5_000));
    await broker.quiet();
    alice.send('bystander: on\n');
    await bystander.got('from alice: on\n');
    expect(bystander.received).toBe('from alice: on\n');
    expect(alice.received).toContain('* 2 are here: bystander, alice\n');
  });
});

describe('a line without a colon', () => {
  it('gets one hint for each session', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    alice.send('\n\r\n');
    await broker.quiet();
    expect(alice.received).toBe('');
    alice.send('hello everybody\nquit\na, b\n');
    await broker.quiet();
    expect(alice.received).toBe('* to send, say "NAME: MESSAGE"; /help says more\n');
  });

  it.each(['a, b', 'quit'])('such as %j gets the hint too', async (line) => {
    await using broker = await startBroker();
    const alice = (await broker.peer('alice')).send(`${line}\n`);
    await alice.got('* to send, say "NAME: MESSAGE"');
  });
});

it('every peer is told of a stop', async () => {
  const broker = await startBroker();
  const alice = await broker.peer('alice');
  const nameless = await broker.connect();
  await broker.quiet();
  const stopped = broker.broker.stop();
  await Promise.all([alice.gone(), nameless.gone()]);
  await stopped;
  expect([alice.received, nameless.received]).toEqual(Array(2).fill('* the broker is stopping\n'));
  await broker[Symbol.asyncDispose]();
});
