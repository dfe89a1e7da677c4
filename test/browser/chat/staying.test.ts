/** What a page goes through: it is loaded again, loses its broker, is offline, and is opened twice. */
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/tools/library/index.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { type Tab, TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Chatter } from './chatter.ts';

const urlOf = ({ broker }: TestBroker) => `${broker.httpUrl}/`;
/** More would be cut from the conversation. */
const MAX_SENT = 4_000;
const RELOADS = 3;

/** The texts of all messages that came to a tab, from its log. What is drawn is the last part of them. */
async function cameTo({ page }: Tab): Promise<string[]> {
  const parts = await page.evaluate(() => {
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith('restante:chat:'));
    return keys.map((key) => [Number(key.split(':')[2]), sessionStorage.getItem(key) ?? ''] as const);
  });
  return parts
    .sort(([a], [b]) => a - b)
    .flatMap(([, text]) => (JSON.parse(text) as { events: { kind: string; text: string }[] }).events)
    .filter(({ kind }) => kind === 'came')
    .map(({ text }) => text);
}

/** In the page: says what is wrong when a message is acknowledged that is not stored. A tab can crash at any time. */
function watchAcknowledgements(): void {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (this: WebSocket, line: string): void {
    const [, seq] = /"type":"ack","seq":(\d+)/.exec(line) ?? [];
    const isStored = Object.values({ ...sessionStorage }).some((text) => text.includes(`"seq":${seq}`));
    if (seq !== undefined && !isStored) console.error(`${seq} is acknowledged and not stored`);
    send.call(this, line);
  };
}

describe.skipIf(CHROMIUM === undefined)('a page', () => {
  const browser = new TestBrowser();

  it('that is loaded again while mail comes loses nothing, and shows nothing twice', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using bob = await connect(`tcp://127.0.0.1:${broker.port}`, { name: 'bob' });
    await using alice = new Chatter(await browser.open('about:blank'));
    await alice.tab.page.addInitScript(watchAcknowledgements);
    await alice.tab.page.goto(urlOf(broker));
    await alice.say('alice');
    await alice.open('bob');
    const sent: string[] = [];
    let isOver = false;
    const sending = (async () => {
      while (!isOver && sent.length < MAX_SENT) {
        // The time of day stands right behind the text, so a number at its end would seem to be another.
        const text = `message ${sent.length}.`;
        sent.push(text);
        await bob.send('alice', text);
      }
    })();
    for (let reload = 0; reload < RELOADS; reload++) {
      await alice.entry('message').first().waitFor();
      await alice.tab.page.reload();
    }
    isOver = true;
    await sending;
    await alice.entry(sent.at(-1) ?? '').waitFor();
    expect(await cameTo(alice.tab)).toEqual(sent);
    const drawn = await alice.texts();
    expect(drawn).toEqual(sent.slice(-drawn.length));
  });

  it('that loses its broker says so, goes on when it is back, and sends what was written meanwhile', async () => {
    using folder = temporaryFolder();
    const settings = { SHARDS: 1, DATA_DIR: folder.path };
    const before = await startBroker(settings);
    const ports = { ...settings, PORT: before.port, HTTP_PORT: before.web.port };
    await using alice = await Chatter.begin(browser, urlOf(before), 'alice');
    alice.tab.expect(/WebSocket connection|Failed to load resource/);
    const { page } = alice.tab;
    await (await before.peer('bob')).leave();
    await alice.open('bob');
    await before[Symbol.asyncDispose]();
    await page.getByText('The connection is lost').waitFor();
    await alice.tab.context.setOffline(true);
    await page.getByText('This device is offline').waitFor();
    await alice.write('written meanwhile');
    await alice.entry('written meanwhile').getByText('sending').waitFor();
    await alice.tab.picture('chat-offline');
    await using after = await startBroker(ports);
    await alice.tab.context.setOffline(false);
    await alice.entry('written meanwhile').getByText('held until they are back').waitFor();
    expect(await page.getByText('offline').or(page.getByText('is lost')).count()).toBe(0);
    const bob = await after.connect();
    bob.send('bob\n');
    await bob.got('from alice: written meanwhile\n');
    await alice.entry('written meanwhile').getByText('delivered').waitFor();
  });

  it('that is loaded again before its message was answered sends it once more, and it is taken once', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    await using alice = new Chatter(await browser.open('about:blank'));
    const { page } = alice.tab;
    let isDeaf = false;
    await page.routeWebSocket(/\/v1\/ws/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (!isDeaf) socket.send(message);
      });
    });
    await page.goto(urlOf(broker));
    await alice.say('alice');
    await alice.open('bob');
    isDeaf = true;
    await alice.write('just before');
    await bob.got('from alice: just before\n');
    await alice.entry('just before').getByText('sending').waitFor();
    isDeaf = false;
    await page.reload();
    await alice
      .entry('just before')
      .getByText(/ · sent$/)
      .waitFor();
    bob.send('alice: got it\n');
    await alice.entry('got it').waitFor();
    expect(bob.mail).toBe('from alice: just before\n');
  });

  it('whose acknowledgement is lost with it does not show a message again', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using alice = new Chatter(await browser.open('about:blank'));
    const { page } = alice.tab;
    let isMute = true;
    await page.routeWebSocket(/\/v1\/ws/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        if (!(isMute && String(message).includes('"type":"ack"'))) server.send(message);
      });
    });
    await page.goto(urlOf(broker));
    await alice.say('alice');
    await page.getByText('You are', { exact: true }).first().waitFor();
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    const send = (id: string) => bob.say({ type: 'send', id, to: 'alice', body: `message ${id}`, receipt: true });
    send('1');
    send('2');
    await alice.choose('bob');
    await alice.entry('message 2').waitFor();
    expect(bob.of('receipt')).toEqual([]);
    isMute = false;
    await page.reload();
    send('3');
    await bob.got('receipt', 3);
    await alice.entry('message 3').waitFor();
    expect(await alice.texts()).toEqual(['message 1', 'message 2', 'message 3']);
  });

  it('whose browser keeps nothing works, and says what comes of it', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using alice = new Chatter(await browser.open('about:blank'));
    await alice.tab.page.addInitScript(() => {
      const get = () => {
        throw new DOMException('it is not allowed', 'SecurityError');
      };
      for (const name of ['sessionStorage', 'localStorage']) Object.defineProperty(globalThis, name, { get });
    });
    await alice.tab.page.goto(urlOf(broker));
    await alice.say('alice');
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    bob.say({ type: 'send', id: 'm-1', to: 'alice', body: 'shown all the same', receipt: true });
    await bob.got('receipt');
    await alice.choose('bob');
    await alice.entry('shown all the same').waitFor();
    await alice.tab.page.getByText('This browser keeps nothing for this tab').waitFor();
  });

  it('of a name that another tab has says so, and gets the name when it is free', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using first = await Chatter.begin(browser, urlOf(broker), 'alice');
    await using second = new Chatter(await browser.openIn(first.tab.context, urlOf(broker)));
    await second.say('alice');
    await second.tab.page.getByRole('heading', { name: 'alice is in use' }).waitFor();
    await second.tab.picture('name-in-use');
    const bob = await broker.peer('bob');
    bob.send('alice: to the first\n');
    await first.conversation('bob').waitFor();
    await first.tab.page.getByRole('button', { name: 'Leave' }).click();
    await second.tab.page.getByText('You are', { exact: true }).first().waitFor();
    bob.send('alice: to the second\n');
    await second.choose('bob');
    expect(await second.texts()).toEqual(['to the second']);
  });
});
