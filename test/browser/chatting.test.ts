/** Somebody who chats in a browser: with a plain peer, with a program, and with what waited. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../helpers/broker.ts';
import { TestBrowser } from './browser.ts';
import { Chatter } from './chat.ts';
import { CHROMIUM } from './chromium.ts';

describe.skipIf(CHROMIUM === undefined)('somebody in a browser', () => {
  const browser = new TestBrowser();

  it('chats with a plain peer, both ways', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await broker.peer('bob');
    await using alice = await Chatter.begin(browser, `${broker.broker.httpUrl}/`, 'alice');
    await alice.open('bob');
    await alice.write('are you there?');
    await bob.got('from alice: are you there?\n');
    await alice.entry('are you there?').getByText('delivered').waitFor();
    bob.send('alice: I am\n');
    await alice.entry('I am').waitFor();
    expect(await alice.texts()).toEqual(['are you there?', 'I am']);
    await alice.tab.picture('chat-light');
    await alice.tab.page.getByRole('switch', { name: 'Dark colours' }).click();
    await alice.tab.picture('chat-dark');
  });
});
