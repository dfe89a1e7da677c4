/** The page of a broker with TLS, in a browser. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { Certificates } from '../../helpers/programs/tls/made.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Chatter } from './chatter.ts';

describe.skipIf(CHROMIUM === undefined)('the page over HTTPS', () => {
  const browser = new TestBrowser();

  it('chats with a plain peer', async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker({ SHARDS: 1, ...certificates.settings });
    const url = `${broker.broker.httpUrl}/`;
    expect(url).toMatch(/^https:/);
    // The authority is that of the test, which no browser knows.
    await using alice = await Chatter.begin(browser, url, 'alice', { ignoreHTTPSErrors: true });
    const bob = await broker.peer('bob');
    bob.send('alice: over TLS?\n');
    await alice.conversation('over TLS?').waitFor();
    await alice.open('bob');
    await alice.write('yes');
    await bob.got('from alice: yes');
    expect(await alice.tab.page.evaluate(() => isSecureContext && location.protocol)).toBe('https:');
  });
});
