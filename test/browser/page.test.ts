/** The page as it is served, in a real browser. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../helpers/broker.ts';
import { TestBrowser } from './browser.ts';
import { CHROMIUM } from './chromium.ts';

describe.skipIf(CHROMIUM === undefined)('the page', () => {
  const browser = new TestBrowser();

  it('has two halves, and its address says which one is shown', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using tab = await browser.open(`${broker.broker.httpUrl}/`);
    await tab.page.getByRole('link', { name: 'Operate' }).click();
    await tab.page.getByRole('heading', { name: 'Operate' }).waitFor();
    expect(tab.page.url()).toMatch(/#operate$/);
    await tab.page.reload();
    await tab.page.getByRole('heading', { name: 'Operate' }).waitFor();
    await tab.page.getByRole('link', { name: 'Chat' }).click();
    await tab.page.getByRole('heading', { name: 'Chat' }).waitFor();
    await tab.picture('skeleton');
  });
});
