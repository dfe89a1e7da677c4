/** What tests do on the page, as a person does it: by what stands on it, and not by how it is made. */
import type { Locator } from 'playwright-core';
import type { Tab, TestBrowser } from '../browser.ts';

/** Somebody who chats in a tab. */
export class Chatter implements AsyncDisposable {
  readonly tab: Tab;

  constructor(tab: Tab) {
    this.tab = tab;
  }

  /** Opens the page and says a name. */
  static async begin(browser: TestBrowser, url: string, name: string, options: object = {}): Promise<Chatter> {
    const chatter = new Chatter(await browser.open(url, options));
    await chatter.say(name);
    await chatter.isIn();
    return chatter;
  }

  async say(name: string): Promise<void> {
    await this.tab.page.getByLabel('Your name').fill(name);
    await this.tab.page.getByRole('button', { name: 'Begin' }).click();
  }

  /** Gives a password or a token where the page asks for one. */
  async prove(proof: string): Promise<void> {
    await this.proof.fill(proof);
    await this.proof.press('Enter');
  }

  get proof(): Locator {
    return this.tab.page.getByLabel('Password or token');
  }

  /** Waits until the chat has its name. */
  async isIn(): Promise<void> {
    // Not the question of the proof, which has these words in it.
    await this.tab.page.getByText('You are', { exact: true }).first().waitFor();
  }

  /** Opens a conversation by typing names. */
  async open(names: string): Promise<void> {
    await this.tab.page.getByRole('link', { name: 'New conversation' }).click();
    await this.tab.page.getByLabel('To', { exact: true }).fill(names);
    await this.tab.page.keyboard.press('Enter');
    await this.field.waitFor();
  }

  /** Chooses a conversation of the list. */
  async choose(name: string): Promise<void> {
    await this.conversation(name).click();
    await this.field.waitFor();
  }

  conversation(name: string): Locator {
    return this.tab.page.getByRole('complementary').getByRole('listitem').filter({ hasText: name }).getByRole('link');
  }

  get field(): Locator {
    return this.tab.page.getByRole('textbox', { name: 'Message' });
  }

  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** The entries of the conversation that is shown. */
  get entries(): Locator {
    return this.tab.page.getByRole('region', { name: 'Messages' }).getByRole('listitem');
  }

  entry(text: string): Locator {
    return this.entries.filter({ hasText: text });
  }

  /** What the messages of the conversation say, as far as they are on the page. */
  async texts(): Promise<string[]> {
    return await this.entries.locator('.body').allInnerTexts();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tab[Symbol.asyncDispose]();
  }
}
