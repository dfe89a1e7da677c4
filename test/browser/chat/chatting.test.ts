/** Somebody who chats in a browser: with a plain peer, with programs, with several, and with who is away. */
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/tools/library/index.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { until } from '../../helpers/until.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Chatter } from './chatter.ts';

const urlOf = ({ broker }: TestBroker) => `${broker.httpUrl}/`;

describe.skipIf(CHROMIUM === undefined)('somebody in a browser', () => {
  const browser = new TestBrowser();

  it('chats with a plain peer, both ways, and sees it leave', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    await using alice = await Chatter.begin(browser, urlOf(broker), 'alice');
    await alice.open('bob');
    await alice.write('are you there?');
    await bob.got('from alice: are you there?\n');
    await alice.entry('are you there?').getByText('delivered').waitFor();
    bob.send('alice: I am\n');
    await alice.entry('I am').waitFor();
    expect(await alice.texts()).toEqual(['are you there?', 'I am']);
    await alice.tab.page.getByRole('heading', { name: 'bob' }).waitFor();
    await alice.tab.page.locator('.thread header').getByText('here').waitFor();
    await bob.leave();
    await alice.tab.page.locator('.thread header').getByText('away').waitFor();
    await alice.write('one more thing');
    await alice.entry('one more thing').getByText('held until they are back').waitFor();
    await alice.tab.picture('held');
    const back = await broker.connect();
    back.send('bob\n');
    await back.got('from alice: one more thing\n');
    await alice.entry('one more thing').getByText('delivered').waitFor();
  });

  it('chats with a program, which acknowledges, rejects, and sends JSON', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using bot = await connect(`tcp://127.0.0.1:${broker.port}`, { name: 'bot' });
    await using alice = await Chatter.begin(browser, urlOf(broker), 'alice');
    await alice.open('bot');
    await alice.write('two\nlines');
    const messages = bot.messages();
    const first = (await messages.next()).value;
    expect([first?.from, first?.body]).toEqual(['alice', 'two\nlines']);
    await alice.entry('two').getByText('sent').waitFor();
    first?.ack();
    await alice.entry('two').getByText('delivered').waitFor();
    await alice.write('not for you');
    (await messages.next()).value?.reject('no');
    await alice.entry('not for you').getByText('rejected').waitFor();
    const sent = await bot.send('alice', { job: 7, done: [true] }, { durable: true });
    await alice.entry('{"job":7,"done":[true]}').waitFor();
    await sent.acked();
    await alice.write('x'.repeat(70_000));
    await alice.entry('not sent: too long').waitFor();
    await alice.open('later');
    await alice.write('first word');
    await alice.entry('nobody of that name').waitFor();
    const later = await broker.peer('later');
    await alice.tab.page.getByRole('button', { name: 'Send again' }).click();
    await later.got('from alice: first word\n');
  });

  it('writes to several, and sees what became of it for each', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    const carol = await broker.peer('carol');
    await carol.leave();
    await using alice = await Chatter.begin(browser, urlOf(broker), 'alice');
    await alice.open('carol, bob, nobody');
    await alice.write('to all');
    await bob.got('from alice: to all\n');
    const entry = alice.entry('to all');
    await entry.getByText('carol: held until they are back').waitFor();
    await entry.getByText('bob: delivered').waitFor();
    await entry.getByText('nobody: not sent: nobody of that name was ever here').waitFor();
    await alice.tab.picture('group');
    bob.send('alice: only to you\n');
    await alice.conversation('only to you').getByText('1 new').waitFor();
    await alice.tab.page.waitForFunction(() => document.title === '(1) Restante');
    await alice.choose('only to you');
    expect(await alice.texts()).toEqual(['only to you']);
    await alice.tab.page.waitForFunction(() => document.title === 'Restante');
  });

  it('sees what waited, and what of it waited', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    await (await broker.peer('alice')).leave();
    bob.send('alice: before\n');
    await bob.got('* alice is away: mail is held\n');
    await using alice = await Chatter.begin(browser, urlOf(broker), 'alice');
    await alice.choose('bob');
    await alice.entry('before').getByText('waited for you').waitFor();
    bob.send('alice: after\n');
    await alice.entry('after').waitFor();
    expect(await alice.entry('after').getByText('waited').count()).toBe(0);
    expect(await broker.held()).toBe(0);
  });

  it('sees what the broker has to say as a quiet line, beside what it is about', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    await using alice = new Chatter(await browser.open('about:blank'));
    let tell: (line: object) => void = () => undefined;
    await alice.tab.page.routeWebSocket(/\/v1\/ws/, (socket) => {
      socket.connectToServer();
      tell = (line) => socket.send(`${JSON.stringify(line)}\n`);
    });
    await alice.tab.page.goto(urlOf(broker));
    await alice.say('alice');
    await alice.open('bob');
    await alice.write('a word');
    await bob.got('from alice: a word\n');
    tell({ type: 'notice', code: 'NAME_UNKNOWN', name: 'carol', text: 'carol is unknown: mail is dropped' });
    tell({ type: 'notice', code: 'LEFT_OUT', count: 12, text: '12 lines were left out' });
    await alice.entry('12 lines were left out').waitFor();
    await alice.choose('carol');
    await alice.entry('carol is unknown').waitFor();
    expect(await alice.texts()).toEqual([]);
  });

  it('is told at once why a name cannot be had, and takes another', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using alice = new Chatter(await browser.open(urlOf(broker)));
    await alice.say('no: name');
    await alice.tab.page.getByRole('alert').waitFor();
    await alice.tab.picture('name-refused');
    await alice.say('alice');
    await alice.tab.page.getByText('You are', { exact: true }).first().waitFor();
    await alice.tab.page.getByRole('link', { name: 'New conversation' }).click();
    await alice.tab.page.getByLabel('To', { exact: true }).fill('no:name');
    await alice.tab.page.keyboard.press('Enter');
    await alice.tab.page.getByText('No name has a colon').waitFor();
    await alice.tab.picture('new-conversation');
    await alice.tab.page.getByRole('button', { name: 'Leave' }).click();
    await alice.tab.page.getByLabel('Your name').waitFor();
    await until(() => broker.broker.view.sessions().length === 0, 'the session to end');
  });
});
