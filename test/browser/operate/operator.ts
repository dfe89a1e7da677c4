/** What an operator does on the page, by what stands on it. */
import type { Locator } from 'playwright-core';
import type { TestBroker } from '../../helpers/broker.ts';
import type { Tab, TestBrowser } from '../browser.ts';

/** A phone. */
export const NARROW = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true };

/** An operator in a tab. */
export class Operator implements AsyncDisposable {
  readonly tab: Tab;

  constructor(tab: Tab) {
    this.tab = tab;
  }

  /** Opens a part of the half. @param place what stands in the address behind `operate` */
  static async begin(
    browser: TestBrowser,
    { broker }: TestBroker,
    place = '',
    options: object = {},
  ): Promise<Operator> {
    return new Operator(await browser.open(`${broker.httpUrl}/#operate${place}`, options));
  }

  /** The tile of a shard. */
  tile(shard: number): Locator {
    return this.tab.page.getByRole('article', { name: `Shard ${shard}` });
  }

  /** The table that is shown. */
  get table(): Locator {
    return this.tab.page.getByRole('table');
  }

  /** The rows of the table, as far as they are on the page. */
  get rows(): Locator {
    return this.table.locator('tbody tr');
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  /** What is asked. */
  get question(): Locator {
    return this.tab.page.getByRole('dialog');
  }

  /** Presses a button. */
  async press(name: string, where: Locator | undefined = undefined): Promise<void> {
    await (where ?? this.tab.page).getByRole('button', { name }).click();
  }

  /** Waits until a screen reader says something. */
  async hears(text: string | RegExp): Promise<void> {
    await this.tab.page.locator('.operate > [aria-live=polite]').getByText(text).waitFor({ state: 'attached' });
  }

  /** How far the page, or the half in it, can be scrolled sideways. */
  async sideways(): Promise<number> {
    return await this.tab.page.evaluate(() => {
      const parts = [document.documentElement, ...document.querySelectorAll('.operate, .question')];
      return Math.max(...parts.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tab[Symbol.asyncDispose]();
  }
}

/** Alice is here, and Bob is away and has three messages of hers. */
export async function peopled(broker: TestBroker) {
  const alice = await broker.peer('alice');
  await (await broker.peer('bob')).leave();
  alice.send('bob: the first\nbob: the second\nbob: the third\n');
  await broker.quiet();
  return { alice };
}
