/** Names that must be proved: what the page asks for, what it does with it, and what it says when that is wrong. */
import { describe, expect, it } from 'vitest';
import { AuthBroker, accountOf, PASSWORD, tokenOf } from '../../e2e/auth/accounts.ts';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { seriousOn } from '../axe.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Chatter } from './chatter.ts';

const NARROW = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };
const WRONG = 'a wrong password';
/** The failures that an address has at once (docs/AUTH.md). */
const FAILURES = 10;

const urlOf = (it_: AuthBroker) => `${it_.up.broker.httpUrl}/`;

/** All that a page has kept and shows, and where it was. */
async function traces({ tab }: Chatter): Promise<string> {
  const seen = await tab.page.evaluate(() => [
    Object.entries(sessionStorage),
    Object.entries(localStorage),
    document.documentElement.outerHTML,
    [...document.querySelectorAll('input')].map(({ value }) => value),
    location.href,
    document.cookie,
    performance.getEntries().map(({ name }) => name),
  ]);
  return JSON.stringify([seen, await tab.context.cookies()]);
}

describe.skipIf(CHROMIUM === undefined)('a name that must be proved', () => {
  const browser = new TestBrowser();

  it('is asked for its password, is told when that is wrong, and keeps it in memory alone', async () => {
    await using it_ = await AuthBroker.start({ accounts: [accountOf('alice')] }, { SHARDS: 1 });
    await using alice = new Chatter(await browser.open(urlOf(it_)));
    const { page } = alice.tab;
    await alice.say('alice');
    await page.getByRole('heading', { name: 'Prove that you are alice' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await alice.proof.getAttribute('autocomplete')).toBe('current-password');
    await alice.prove(WRONG);
    await page.getByRole('status').getByText('looking').waitFor();
    await page.getByRole('alert').getByText('wrong name, password or token').waitFor();
    expect(await alice.proof.evaluate((field) => [document.activeElement === field, field.ariaInvalid])).toEqual([
      true,
      'true',
    ]);
    expect(await alice.proof.inputValue()).toBe('');
    expect(await seriousOn(alice.tab)).toEqual([]);
    await alice.tab.picture('proof-wrong-light');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await alice.isIn();
    await alice.open('alice');
    await alice.write('a note');
    await alice.entry('a note').getByText('delivered').waitFor();
    // It does not ask again when the broker was away.
    const { port, web } = it_.up;
    await it_.up[Symbol.asyncDispose]();
    alice.tab.expect(/WebSocket connection/);
    await page.getByText('The connection is lost').waitFor();
    const again = { DATA_DIR: it_.dataDir, AUTH: 'required', SHARDS: 1, PORT: port, HTTP_PORT: web.port };
    it_.broker = await startBroker(again);
    await alice.write('another');
    await alice.entry('another').getByText('delivered').waitFor();
    const seen = await traces(alice);
    expect([PASSWORD, WRONG, encodeURIComponent(PASSWORD)].filter((text) => seen.includes(text))).toEqual([]);
    // A page that is loaded again has the chat, and asks.
    await page.reload();
    await alice.prove(PASSWORD);
    await alice.entry('a note').first().waitFor();
  });

  it('is not asked again for a token when its page is loaded again, until it leaves', async () => {
    const [token, stored] = tokenOf(['alice']);
    await using it_ = await AuthBroker.start({ accounts: [accountOf('alice')], tokens: [stored] }, { AUTH: 'names' });
    await using alice = await Chatter.begin(browser, urlOf(it_), 'nobodys', { ...NARROW, colorScheme: 'dark' });
    const { page } = alice.tab;
    await page.getByRole('button', { name: 'Leave' }).click();
    await alice.say('alice');
    await alice.proof.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(await seriousOn(alice.tab)).toEqual([]);
    await alice.tab.picture('proof-narrow-dark');
    await alice.prove(tokenOf(['alice'])[0]);
    await page.getByRole('alert').waitFor();
    expect(await traces(alice)).not.toContain('rst_');
    await alice.prove(token);
    await alice.isIn();
    await page.reload();
    await alice.isIn();
    await expect.poll(async () => (await traces(alice)).split(token).length).toBe(2);
    // Who revokes the token ends it here, and what was kept is gone.
    await it_.change({ accounts: [accountOf('alice')] });
    await page.getByRole('alert').getByText('not valid any more').waitFor();
    await expect.poll(() => traces(alice)).not.toContain(token);
    await page.getByRole('button', { name: 'Take another name' }).click();
    await page.getByLabel('Your name').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('is taken over by another tab that proves it, and does not come back by itself', async () => {
    const [token, stored] = tokenOf(['alice']);
    await using it_ = await AuthBroker.start({ accounts: [accountOf('alice')], tokens: [stored] }, { AUTH: 'names' });
    await using first = new Chatter(await browser.open('about:blank'));
    const sockets: string[] = [];
    first.tab.page.on('websocket', (socket) => sockets.push(socket.url()));
    await first.tab.page.clock.install();
    await first.tab.page.goto(urlOf(it_));
    await first.say('alice');
    await first.prove(token);
    await first.isIn();
    await first.open('alice');
    await first.write('said before');
    await first.entry('said before').getByText('delivered').waitFor();
    await using second = new Chatter(await browser.openIn(first.tab.context, urlOf(it_)));
    await second.say('alice');
    await second.prove(token);
    await second.isIn();
    await first.tab.page.getByRole('alert').getByText('This name was taken over').waitFor();
    expect(await traces(first)).not.toContain(token);
    await first.tab.picture('taken-over');
    const before = sockets.length;
    await first.tab.page.clock.runFor(60_000);
    const bob = await it_.up.peer('bob');
    bob.send('alice: to the second\n');
    await second.conversation('bob').waitFor();
    expect(sockets.length).toBe(before);
    await first.prove(token);
    await first.entry('said before').first().waitFor();
    await second.tab.page.getByRole('alert').getByText('This name was taken over').waitFor();
  });

  it('is told when to try again after too many failures, and which messages are forbidden', async () => {
    const accounts = [accountOf('alice', ['team-*']), accountOf('eve')];
    await using it_ = await AuthBroker.start({ accounts }, { AUTH: 'names', SHARDS: 1 });
    await using alice = new Chatter(await browser.open(urlOf(it_)));
    await alice.say('alice');
    await alice.prove(PASSWORD);
    await alice.isIn();
    await alice.open('bob, team-one');
    await alice.write('hello');
    await alice.entry('hello').getByText('bob: not sent: you may not write to this name').waitFor();
    await alice.tab.page.getByRole('button', { name: 'Leave' }).click();
    const hello = { name: 'eve', token: tokenOf(['eve'])[0] };
    await Promise.all(Array.from({ length: FAILURES }, () => ProgramPeer.hello(it_.up, hello)));
    await alice.say('eve');
    await alice.prove(PASSWORD);
    const told = alice.tab.page
      .getByRole('alert')
      .getByText(/Too many logins have failed.* Try again in \d seconds?\./);
    await told.waitFor();
  });
});
