/**
 * Bad input is answered clearly, ends one session at most, and harms no other peer. Each test also looks at two
 * bystanders.
 */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { paced } from '../../helpers/pace/pace.ts';
import type { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

/** Runs `act` beside two connected peers. They must still be connected afterwards, and hear only each other. */
async function unharmed(broker: TestBroker, act: (one: Peer) => Promise<void>): Promise<void> {
  const one = await broker.peer('one');
  const two = await broker.peer('two');
  await act(one);
  one.send('two: still here\n');
  two.send('one: me too\n');
  await broker.quiet();
  expect(two.received).toBe('from one: still here\n');
  expect(one.received.endsWith('from two: me too\n')).toBe(true);
}

describe('a session is ended, and told why, for', () => {
  it.each([
    ['a line over the limit', `mallory\none: ok\n${'x'.repeat(1001)}\none: never\n`, '* line longer than 1000 bytes\n'],
    ['a line over the limit without end', `mallory\none: ok\n${'x'.repeat(5000)}`, '* line longer than 1000 bytes\n'],
    [
      'a line that is no UTF-8',
      Buffer.from('mallory\none: ok\none: \xff\none: never\n', 'latin1'),
      '* line is not UTF-8\n',
    ],
  ])('%s, after what came before it', async (_what, bytes, notice) => {
    await using broker = await startBroker({ MAX_LINE_BYTES: 1000 });
    await unharmed(broker, async (one) => {
      const mallory = (await broker.connect()).send(bytes);
      await mallory.gone();
      expect(mallory.received).toBe(`* you are mallory\n${notice}`);
      await one.got('from mallory: ok\n');
      await broker.quiet();
      expect(one.received).toBe('from mallory: ok\n');
    });
  });

  it.each([
    ['a name over the limit', `${'n'.repeat(257)}\n`, '* name longer than 256 bytes\n'],
    ['a name without end', 'n'.repeat(100_000), '* name longer than 256 bytes\n'],
    ['a name that is no UTF-8', Buffer.from('\xc3\x28\n', 'latin1'), '* line is not UTF-8\n'],
  ])('%s', async (_what, bytes, notice) => {
    await using broker = await startBroker();
    await unharmed(broker, async () => {
      const mallory = (await broker.connect()).send(bytes);
      await mallory.gone();
      expect(mallory.received).toBe(notice);
    });
  });

  it.each([
    ['a name', Buffer.from('\xff\neve\n', 'latin1')],
    ['mail', Buffer.from('mallory\none: \xff\none: never\n', 'latin1')],
    ['mail that has no end', Buffer.from('mallory\none: \xff\none: never', 'latin1')],
  ])('a line that is no UTF-8, and what follows is not %s, even when its peer has ended too', async (_what, bytes) => {
    await using broker = await startBroker();
    await unharmed(broker, async (one) => {
      const mallory = (await broker.connect()).send(bytes);
      await mallory.got('* line is not UTF-8\n');
      mallory.send('\neve\none: never\n');
      await mallory.leave();
      await broker.quiet();
      expect(one.received).toBe('');
      const eve = await broker.peer('eve');
      one.send('eve: hello\n');
      await eve.got('from one: hello\n');
      expect(one.received).toBe('');
      await eve.leave();
    });
  });

  it('no name in time', async () => {
    const seconds = paced(2);
    await using broker = await startBroker({ NAME_TIMEOUT_SECONDS: seconds });
    await unharmed(broker, async () => {
      const silent = await broker.connect();
      const half = (await broker.connect()).send('no line end');
      await Promise.all([silent.gone(), half.gone()]);
      expect(silent.received).toBe(`* no name within ${seconds} seconds\n`);
      expect(half.received).toBe(`* no name within ${seconds} seconds\n`);
    });
  });

  it('one connection too many', async () => {
    await using broker = await startBroker({ MAX_CONNECTIONS: 3 });
    await unharmed(broker, async () => {
      const third = await broker.peer('third');
      const fourth = await broker.connect();
      await fourth.gone();
      expect(fourth.received).toBe('* more than 3 connections\n');
      await third.leave();
      await until(() => broker.broker.view.sessions().length === 2, 'the third to be gone');
      const again = await broker.peer('again');
      again.send('again: in\n');
      await again.got('from again: in\n');
    });
  });
});

describe('a session goes on after', () => {
  it('a line and a name of exactly the limit', async () => {
    await using broker = await startBroker({ MAX_LINE_BYTES: 1000, MAX_NAME_BYTES: 10 });
    await unharmed(broker, async (one) => {
      const peer = await broker.peer('0123456789');
      const body = 'x'.repeat(1000 - 'one: '.length);
      peer.send(`one: ${body}\r\n`);
      await broker.quiet();
      expect(one.received).toBe(`from 0123456789: ${body}\n`);
      expect(peer.sawEnd).toBe(false);
    });
  });

  it('100,000 destinations in a line', async () => {
    await using broker = await startBroker({ MAX_LINE_BYTES: '1MiB', MAX_DESTINATIONS: 100_000, NOTICES: 'off' });
    await unharmed(broker, async (one) => {
      const peer = await broker.peer('many');
      const names = Array.from({ length: 99_999 }, (_, i) => `n${i}`);
      peer.send(`${names.join(',')},many: all\n`);
      await peer.got('from many: all\n');
      expect(peer.received).toBe('from many: all\n');
      expect(one.received).toBe('');
    });
  });

  it('more destinations than a line may have: nothing of it is sent, and the sender is told', async () => {
    await using broker = await startBroker({ MAX_DESTINATIONS: 3 });
    await unharmed(broker, async (one) => {
      const peer = await broker.peer('many');
      peer.send('one,many,many,many: no\nmany,many,many: yes\n');
      await peer.got('from many: yes\n'.repeat(3));
      expect(peer.received).toBe(`* line to more than 3 names: nothing of it is sent\n${'from many: yes\n'.repeat(3)}`);
      expect(one.received).toBe('');
    });
  });

  it('65,535 times the same destination', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await unharmed(broker, async () => {
      const peer = await broker.peer('m');
      await broker.peer('');
      peer.send(`${','.repeat(65_530)}:x\n`);
      await broker.quiet();
      peer.send('m: on\n');
      await peer.got('from m: on\n');
    });
  });

  it('NUL and control characters, with STRICT=off', async () => {
    await using broker = await startBroker({ STRICT: 'off' });
    await unharmed(broker, async (one) => {
      const peer = await broker.peer('n\u0000l');
      peer.send('one: a\u0000b\u001b[1m\n');
      await broker.quiet();
      expect(one.received).toBe('from n\u0000l: a\u0000b\u001b[1m\n');
    });
  });
});

describe('a peer that leaves without a notice', () => {
  it('in the middle of a line harms no other peer, and the half line is no message', async () => {
    await using broker = await startBroker();
    await unharmed(broker, async (one) => {
      const peer = await broker.peer('rude');
      peer.send('one: whole\none: hal');
      await broker.quiet();
      peer.reset();
      await until(() => broker.broker.view.sessions().length === 2, 'the reset to be seen');
      await broker.broker.flushed();
      expect(one.received).toBe('from rude: whole\n');
    });
  });

  it('before it has said its name leaves nothing behind', async () => {
    await using broker = await startBroker();
    await unharmed(broker, async () => {
      (await broker.connect()).reset();
      (await broker.connect()).destroy();
      await until(() => broker.broker.view.sessions().length === 2, 'both to be gone');
      expect((await broker.broker.view.stats()).names).toBe(2);
    });
  });
});
