/**
 * A real browser, which opens the page of a broker in this process. Whatever is wrong on a page is gathered: errors,
 * words on the console, and what the Content-Security-Policy has refused. Nothing may be wrong when a test ends.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { paced } from '../helpers/pace/pace.ts';
import { ROOT } from '../helpers/project.ts';
import { CHROMIUM } from './chromium.ts';

/** Where pictures of the page land, for a person to look at. Git does not know the folder. */
const PICTURES = join(ROOT, 'node_modules/.cache/restante-pictures');
const LIMIT_MS = 5_000;

/** One tab, with its own storage unless it is made in the context of another. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong on the page. */
  readonly wrong: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(page: Page) {
    this.page = page;
    this.context = page.context();
    page.on('pageerror', (error) => this.wrong.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.wrong.push(`${message.type()}: ${message.text()}`);
    });
  }

  /** Something that is not wrong in this test, as a connection that cannot be made while the broker is away. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  async picture(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
    expect(this.wrong.filter((text) => !this.#expected.some((pattern) => pattern.test(text)))).toEqual([]);
  }
}

/** The browser of a file of tests. */
export class TestBrowser {
  #browser: Browser | undefined;

  constructor() {
    beforeAll(async () => {
      if (CHROMIUM === undefined) return;
      this.#browser = await chromium.launch({ executablePath: CHROMIUM, timeout: paced(30_000) });
    });
    afterAll(() => this.#browser?.close());
  }

  /** Opens an address in a tab with a storage of its own. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Tab> {
    if (this.#browser === undefined) throw new Error('there is no browser');
    const context = await this.#browser.newContext({
      viewport: { width: 1100, height: 700 },
      // A click waits until nothing moves any more.
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(paced(LIMIT_MS));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    return await this.openIn(context, url);
  }

  /** Opens an address in a further tab of a context. */
  async openIn(context: BrowserContext, url: string): Promise<Tab> {
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    return tab;
  }
}
