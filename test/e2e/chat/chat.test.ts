/** People talk, leave and come back. Every test of a delivery also looks at the peers that must not get it. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';

describe.each([1, 2, 5])('with %i shards', (shards) => {
  it('delivers to the peers that are named, and to no others', async () => {
    await using broker = await startBroker({ SHARDS: shards });
    const alice = await broker.peer('alice');
    const bob = await broker.peer('bob');
    const carol = await broker.peer('carol');
    const dave = await broker.peer('dave');
    alice.send('bob, carol: hello\n');
    bob.send('alice: hi\n');
    await broker.quiet();
    expect(bob.received).toBe('from alice: hello\n');
    expect(carol.received).toBe('from alice: hello\n');
    expect(alice.received).toBe('from bob: hi\n');
    expect(dave.received).toBe('');
  });

  it('holds mail for a peer that has left, and delivers it in order, before anything newer', async () => {
    await using broker = await startBroker({ SHARDS: shards });
    const alice = await broker.peer('alice');
    const carol = await broker.peer('carol');
    await (await broker.peer('bob')).leave();
    alice.send('bob: 1\nbob: 2\n');
    await broker.quiet();
    carol.send('bob: 3\n');
    await broker.quiet();
    const bob = await broker.peer('bob');
    alice.send('bob: 4\n');
    await broker.quiet();
    expect(bob.received).toBe('from alice: 1\nfrom alice: 2\nfrom carol: 3\nfrom alice: 4\n');
    expect(alice.received).toBe('* bob is away: mail is held\n');
    expect(carol.received).toBe('* bob is away: mail is held\n');
  });

  it('delivers held mail once, and not to the next peer of the name', async () => {
    await using broker = await startBroker({ SHARDS: shards });
    const alice = await broker.peer('alice');
    await (await broker.peer('bob')).leave();
    alice.send('bob: once\n');
    const bob = await broker.peer('bob');
    expect(bob.received).toBe('from alice: once\n');
    await bob.leave();
    expect((await broker.peer('bob')).received).toBe('');
  });

  it('drops mail to a name never seen, says so once, and does not deliver it later', async () => {
    await using broker = await startBroker({ SHARDS: shards });
    const alice = await broker.peer('alice');
    alice.send('nobody: 1\nnobody: 2\n');
    await broker.quiet();
    expect(alice.received).toBe('* nobody is unknown: mail is dropped\n');
    expect((await broker.peer('nobody')).received).toBe('');
    expect((await broker.broker.view.stats()).dropped.unknown_name).toBe(2);
  });
});

describe('notices', () => {
  it('come once for each destination until its state changes', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    await (await broker.peer('bob')).leave();
    alice.send('bob: 1\nbob: 2\n');
    await broker.quiet();
    alice.send('bob: 3\n');
    await broker.quiet();
    expect(alice.received).toBe('* bob is away: mail is held\n');
    await (await broker.peer('bob')).leave();
    alice.send('bob: 4\n');
    await broker.quiet();
    expect(alice.received).toBe('* bob is away: mail is held\n* bob is away: mail is held\n');
  });

  it('tell a second peer of a name that it can only send, with STRICT=off', async () => {
    await using broker = await startBroker({ STRICT: 'off' });
    const alice = await broker.peer('alice');
    const bob = await broker.peer('bob');
    const second = await broker.peer('bob');
    second.send('alice: from the second\n');
    alice.send('bob: for the first\n');
    await broker.quiet();
    expect(second.received).toBe('* bob is taken: you can send, and receive nothing\n');
    expect(bob.received).toBe('from alice: for the first\n');
    expect(alice.received).toBe('from bob: from the second\n');
  });

  it('say that a mailbox is full, and its mail is delivered', async () => {
    await using broker = await startBroker({ MAILBOX_MAX_MESSAGES: 2 });
    const alice = await broker.peer('alice');
    await (await broker.peer('bob')).leave();
    alice.send('bob: 1\nbob: 2\nbob: 3\nbob: 4\n');
    await broker.quiet();
    expect(alice.received).toBe('* bob is away: mail is held\n* the mailbox of bob is full: mail is refused\n');
    expect((await broker.peer('bob')).received).toBe('from alice: 1\nfrom alice: 2\n');
  });

  it('of one turn are one write, and many of them are counted instead', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const alice = await broker.peer('alice');
    const bystander = await broker.peer('bystander');
    const names = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
    alice.send(`${names.join(',')}: x\n`);
    await broker.quiet();
    alice.send('alice: on\n');
    await alice.got('from alice: on\n');
    expect(alice.received).toMatch(/^(\* n\d+ is unknown: mail is dropped\n){64}from alice: on\n$/);
    await alice.got('more messages to other names were dropped or refused\n');
    expect(alice.received).toContain(`* ${names.length - 64} more`);
    expect(bystander.received).toBe('');
  });

  it('shorten a destination that is as long as a line', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    alice.send(`${'ü'.repeat(10_000)}: x\n`);
    await broker.quiet();
    expect(alice.received).toBe(`* ${'ü'.repeat(128)}… is unknown: mail is dropped\n`);
  });

  it('can be switched off', async () => {
    await using broker = await startBroker({ NOTICES: 'off' });
    const alice = await broker.peer('alice');
    await (await broker.peer('bob')).leave();
    alice.send('bob: held\nnobody: dropped\n');
    await broker.quiet();
    expect(alice.received).toBe('');
    expect((await broker.peer('bob')).received).toBe('from alice: held\n');
  });
});

describe('names', () => {
  it.each(['__proto__', 'constructor', 'toString', '北京', 'a b', '/x', '{', '\u0000', '* bob', 'from x'])(
    'may be %j like any other, with STRICT=off',
    async (name) => {
      await using broker = await startBroker({ STRICT: 'off' });
      const alice = await broker.peer('alice');
      const bystander = await broker.peer('bystander');
      const odd = await broker.peer(name);
      alice.send(`${name}: here\n`);
      odd.send('alice: from odd\n');
      await broker.quiet();
      expect(odd.received).toBe('from alice: here\n');
      expect(alice.received).toBe(`from ${name}: from odd\n`);
      expect(bystander.received).toBe('');
      await odd.leave();
      alice.send(`${name}: held\n`);
      expect((await broker.peer(name)).received).toBe('from alice: held\n');
    },
  );

  it('are not remembered when they begin with a tilde', async () => {
    await using broker = await startBroker();
    const alice = await broker.peer('alice');
    const brief = await broker.peer('~brief');
    alice.send('~brief: live\n');
    await broker.quiet();
    expect(brief.received).toBe('from alice: live\n');
    await brief.leave();
    alice.send('~brief: gone\n');
    await broker.quiet();
    expect(alice.received).toBe('* ~brief is unknown: mail is dropped\n');
    const again = await broker.peer('~brief');
    expect(again.received).toBe('');
    await again.leave();
    alice.send('~brief: gone again\n');
    await broker.quiet();
    expect(alice.received).toBe('* ~brief is unknown: mail is dropped\n'.repeat(2));
  });
});
