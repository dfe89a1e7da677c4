/** The page itself: how it is served, how large and how quick it is, and that everybody can use it. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../helpers/broker.ts';
import { fastOrLong } from '../helpers/pace/long.ts';
import { paced, pacedNow } from '../helpers/pace/pace.ts';
import { seriousOn } from './axe.ts';
import { TestBrowser } from './browser.ts';
import { Chatter } from './chat/chatter.ts';
import { CHROMIUM } from './chromium.ts';

const urlOf = ({ broker }: TestBroker) => `${broker.httpUrl}/`;
const FIRST_PAINT_MS = 300;
const PAINTS = 5;
const NARROW = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };
/** A conversation with something of everything in it. */
async function conversed(chatter: Chatter, broker: TestBroker): Promise<void> {
  const bob = await broker.peer('bob');
  await (await broker.peer('carol')).leave();
  bob.send('alice: I have sent the parcel\nalice: it should arrive tomorrow\n');
  await chatter.conversation('tomorrow').waitFor();
  await chatter.open('carol');
  await chatter.write('are you back on Monday?');
  await chatter.entry('Monday').getByText('held').waitFor();
  await chatter.tab.page.goto(`${chatter.tab.page.url().split('#')[0]}#chat/with/bob`);
  await chatter.write('thank you!\nI will look out for it');
  await chatter.entry('thank you').getByText('delivered').waitFor();
}

describe.skipIf(CHROMIUM === undefined)('the page', () => {
  const browser = new TestBrowser();

  it('has two halves, and its address says which one is shown', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using tab = await browser.open(urlOf(broker));
    await tab.page.getByRole('link', { name: 'Operate' }).click();
    await tab.page.getByRole('heading', { name: 'Operate' }).waitFor();
    expect(tab.page.url()).toMatch(/#operate$/);
    await tab.page.reload();
    await tab.page.getByRole('heading', { name: 'Operate' }).waitFor();
    await tab.page.getByRole('link', { name: 'Chat' }).click();
    await tab.page.getByRole('heading', { name: 'Say a name' }).waitFor();
  });

  it('has nothing that keeps somebody out, in light colours and in dark ones, as the system or the switch says', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using alice = new Chatter(await browser.open(urlOf(broker), { colorScheme: 'light' }));
    const { page } = alice.tab;
    const isNow = (theme: string) =>
      page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(await seriousOn(alice.tab)).toEqual([]);
    await alice.tab.picture('sign-in-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await isNow('dark');
    // What else axe looks at is the same in both.
    expect(await seriousOn(alice.tab, ['color-contrast'])).toEqual([]);
    await alice.tab.picture('sign-in-dark');
    await alice.say('alice');
    await conversed(alice, broker);
    expect(await seriousOn(alice.tab, ['color-contrast'])).toEqual([]);
    await alice.tab.picture('chat-dark');
    const before = await ground();
    await page.getByRole('switch', { name: 'Dark colours' }).click();
    await isNow('light');
    expect(await ground()).not.toBe(before);
    expect(await seriousOn(alice.tab)).toEqual([]);
    await alice.tab.picture('chat-light');
    await page.reload();
    await isNow('light');
    await page.getByRole('switch', { name: 'Dark colours' }).click();
    await isNow('dark');
  });

  it('fits on a phone, and needs no sideways scrolling', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using alice = await Chatter.begin(browser, urlOf(broker), 'alice', NARROW);
    const { page } = alice.tab;
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await sideways()).toBe(0);
    await conversed(alice, broker);
    await alice.write('w'.repeat(300));
    await alice.entry('www').getByText('delivered').waitFor();
    expect(await sideways()).toBe(0);
    expect(await seriousOn(alice.tab)).toEqual([]);
    await alice.tab.picture('narrow-thread');
    await page.getByRole('link', { name: 'Back to the conversations' }).click();
    await alice.conversation('carol').waitFor();
    expect(await sideways()).toBe(0);
    await alice.tab.picture('narrow-list');
  });

  it('can be used by keyboard alone, and shows where the focus is', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using tab = await browser.open(urlOf(broker));
    const { keyboard } = tab.page;
    const inTime = { timeout: paced(5_000) };
    const focused = () =>
      tab.page.evaluate(() => {
        const { activeElement: at } = document;
        if (at !== null && getComputedStyle(at).outlineStyle === 'none') return 'the focus is not seen';
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
      });
    const type = async (text: string) => {
      await keyboard.type(text);
      await keyboard.press('Enter');
    };
    const bob = await broker.peer('bob');
    await tab.page.locator('#name:focus').waitFor();
    await type('alice');
    await tab.page.getByText('You are', { exact: true }).first().waitFor();
    await expect.poll(focused, inTime).toBe('New conversation');
    await keyboard.press('Enter');
    await tab.page.locator('#to:focus').waitFor();
    await type('bob');
    await expect.poll(focused, inTime).toBe('Message');
    await keyboard.type('one line');
    await keyboard.press('Shift+Enter');
    await type('another');
    await bob.got('from alice: one line\nfrom alice: another\n');
    bob.send('alice: heard\n');
    await tab.page.locator('[aria-live=polite]').getByText('bob: heard').waitFor({ state: 'attached' });
    await keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Messages');
    await keyboard.press('Tab');
    await keyboard.press('Escape');
    await expect.poll(focused, inTime).toMatch(/^bob/);
    const carol = await broker.peer('carol');
    carol.send('alice: and I\n');
    await tab.page.getByText('and I').first().waitFor();
    await keyboard.press('ArrowUp');
    await expect.poll(focused, inTime).toMatch(/^carol/);
    await keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'carol' }).waitFor();
  });

  it(`is painted within ${FIRST_PAINT_MS} ms`, async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using tab = await browser.open(urlOf(broker));
    const paints: number[] = [];
    for (let paint = 0; paint < PAINTS; paint++) {
      await tab.page.reload();
      await tab.page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      paints.push(
        await tab.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
      );
    }
    paints.sort((a, b) => a - b);
    const median = paints[PAINTS >> 1] ?? 0;
    expect(median).toBeLessThan(fastOrLong(pacedNow(FIRST_PAINT_MS), FIRST_PAINT_MS));
  });
});
