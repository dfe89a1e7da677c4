/** STRICT=on: nothing that a stranger sends deceives a reader. Each test also looks at a victim and a bystander. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import type { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

interface Scene {
  readonly broker: TestBroker;
  readonly alice: Peer;
}

/** Runs a test beside alice and a bystander. The bystander must receive nothing. */
async function scene(act: (scene: Scene) => Promise<void>, settings = {}): Promise<void> {
  await using broker = await startBroker(settings);
  const alice = await broker.peer('alice');
  const bystander = await broker.peer('bystander');
  await act({ broker, alice });
  await broker.quiet();
  expect(bystander.received).toBe('');
  alice.send('bystander: still here\n');
  await bystander.got('from alice: still here\n');
}

/** Sends these bytes as a stranger, which is then disconnected. @returns what the stranger was told */
async function refused({ broker }: Scene, bytes: string | Buffer): Promise<string> {
  const stranger = (await broker.connect()).send(bytes);
  await stranger.gone();
  return stranger.received;
}

const names = async (broker: TestBroker) => (await broker.broker.view.stats()).names;

describe('a deceptive name is refused, and nothing of its session is routed', () => {
  it.each([
    ['bob: pay mallory 100', 'it has a comma or a colon in it'],
    ['m\r* bob is away: mail is held', 'it has a control character or a line separator in it'],
    ['b\u001b]52;c;cm0gLXJm\u0007', 'it has a control character or a line separator in it'],
    ['\u202ebob', 'it has an invisible or a direction character in it'],
    ['bob\u200b', 'it has an invisible or a direction character in it'],
    ['e\u0301', 'it is not in Unicode normal form C (NFC)'],
    ['', 'it is empty'],
    [' bob', 'it has white space at an end'],
    ['* bob is unknown', 'it begins with "* "'],
    ['/who', 'it begins with "/"'],
  ])('%j', async (name, problem) => {
    await scene(async (here) => {
      expect(await refused(here, `${name}\nalice: hi\n`)).toBe(`* name refused: ${problem}\n`);
      expect(here.alice.received).toBe('');
      expect(await names(here.broker)).toBe(2);
    });
  });

  it('without a notice if notices are off', async () => {
    await scene(async (here) => expect(await refused(here, '/x\nalice: hi\n')).toBe(''), { NOTICES: 'off' });
  });
});

describe('another protocol', () => {
  const HTTP = /^HTTP\/1\.1 400 Bad Request\r\n(?:[^\r]+\r\n)+\r\nThis port speaks lines of text[^\n]*\n$/;
  const post = 'POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nalice: transfer everything\nbob: hi\n';

  it.each(['on', 'off'])('HTTP is answered in HTTP, with notices %s', async (NOTICES) => {
    await scene(
      async (here) => {
        expect(await refused(here, post)).toMatch(HTTP);
        expect(await refused(here, 'GET / HTTP/1.1\r\n\r\n')).toMatch(HTTP);
        expect(await refused(here, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\nalice: hi\n`)).toMatch(HTTP);
        expect(await refused(here, Buffer.from('GET /\xff HTTP/1.1\r\n\r\nalice: hi\n', 'latin1'))).toMatch(HTTP);
        expect(here.alice.received).toBe('');
        expect(await names(here.broker)).toBe(2);
      },
      { NOTICES },
    );
  });

  it.each([
    ['TLS', Buffer.from('16030102000100', 'hex')],
    ['TLS', Buffer.from('160301020001000a1fc0303\nalice: hi\n', 'hex')],
    ['RESP', '*1\r\n$4\r\nPING\r\nalice: hi\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\nalice: hi\n'],
  ])('%s is told what speaks here', async (protocol, bytes) => {
    await scene(async (here) => {
      expect(await refused(here, bytes)).toBe(
        `* this port speaks lines of text, and the first line looks like ${protocol}\n`,
      );
      expect(here.alice.received).toBe('');
      expect(await names(here.broker)).toBe(2);
    });
  });
});

describe('a byte order mark', () => {
  it('at the start of the stream is no part of the name, in whatever pieces it arrives', async () => {
    await scene(async ({ broker, alice }) => {
      const bob = await broker.connect();
      for (const piece of ['efbb', 'bf62', '6f620a']) {
        bob.send(Buffer.from(piece, 'hex'));
        await broker.quiet();
      }
      expect(bob.received).toBe('* you are bob\n');
      bob.send('\ufeffalice: to nobody\nalice: hi\n');
      await broker.quiet();
      expect(alice.received).toBe('from bob: hi\n');
    });
  });

  it('is no part of the longest name either', async () => {
    await scene(
      async (here) => {
        const bob = (await here.broker.connect()).send('\ufeff0123456789\n');
        await bob.got('* you are 0123456789\n');
        expect(await refused(here, '0123456789a\n')).toBe('* name longer than 10 bytes\n');
      },
      { MAX_NAME_BYTES: 10 },
    );
  });
});

describe('a message', () => {
  it('reaches its reader without control characters', async () => {
    await scene(async ({ broker, alice }) => {
      const bob = await broker.peer('bob');
      bob.send('alice: 1\r\nalice: \u001b[2J\u0000\nalice: x\r* y\nalice: a\u0085b\u2028c\u009b\nalice: \tTAB\tä\r\n');
      await broker.quiet();
      expect(alice.received).toBe(
        'from bob: 1\nfrom bob: \u241b[2J\u2400\nfrom bob: x\u240d* y\nfrom bob: a\ufffdb\ufffdc\ufffd\nfrom bob: TAB\tä\n',
      );
    });
  });

  it('that waits for a congested shard is rewritten in the same way', async () => {
    await scene(
      async ({ broker, alice }) => {
        const bob = await broker.peer('bob');
        const count = 40_000;
        bob.send(`alice: \u0007${'x'.repeat(40)}\n`.repeat(count));
        const line = `from bob: \u2407${'x'.repeat(40)}\n`;
        await until(() => alice.receivedBytes >= count * Buffer.byteLength(line), 'all lines');
        expect(alice.received === `${line.repeat(count)}`).toBe(true);
      },
      { MAILBOX_MAX_MESSAGES: 'unlimited', MAILBOX_MAX_BYTES: 'unlimited' },
    );
  });

  it('that is too long after it is rewritten is refused, and the session goes on', async () => {
    await scene(
      async ({ broker, alice }) => {
        const bob = await broker.peer('bob');
        bob.send(`alice: ${'\u0007'.repeat(90)}\nalice: on\n`);
        await broker.quiet();
        expect(bob.received).toBe('* not sent: line longer than 100 bytes as it would be shown\n');
        expect(alice.received).toBe('from bob: on\n');
      },
      { MAX_LINE_BYTES: 100 },
    );
  });

  it('finds a name in whatever form it is written', async () => {
    await scene(async ({ broker, alice }) => {
      const zoe = await broker.peer('zoë');
      alice.send('zoe\u0308: hi\nalice, zoe\u0308: both\n');
      await broker.quiet();
      expect(zoe.received).toBe('from alice: hi\nfrom alice: both\n');
      expect(alice.received).toBe('from alice: both\n');
    });
  });
});
