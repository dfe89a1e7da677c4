/** Everybody can operate: by keyboard alone, on a phone, in both colours; and names of those who mean harm do none. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { seriousOn } from '../axe.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { NARROW, Operator, peopled } from './operator.ts';

const MARKUP = '<img src=x onerror="document.title=\'harmed\'">';

describe.skipIf(CHROMIUM === undefined)('the operator’s half', () => {
  const browser = new TestBrowser();

  /** Goes through all that the half has, a picture of each. */
  async function tour(operator: Operator, broker: TestBroker, look: (place: string) => Promise<void>): Promise<void> {
    const { page } = operator.tab;
    await operator.tile(0).waitFor();
    await page.getByText('MAX_CONNECTIONS').waitFor();
    await look('overview');
    for (const place of ['connections', 'names', 'mail/bob']) {
      await page.goto(`${broker.broker.httpUrl}/#operate/${place}`);
      await operator
        .row(place === 'names' ? 'bob' : 'alice')
        .first()
        .waitFor();
      await look(place.replace('/bob', ''));
    }
    await operator.press('Purge all');
    await operator.question.waitFor();
    await look('question');
    await operator.press('Cancel');
  }

  it('has nothing that keeps somebody out, in light colours and in dark ones', async () => {
    await using broker = await startBroker({ SHARDS: 3 });
    await peopled(broker);
    await using operator = await Operator.begin(browser, broker, '', { colorScheme: 'light' });
    const { page } = operator.tab;
    await tour(operator, broker, async (place) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
        // What else axe looks at is the same in both.
        const rules = colorScheme === 'light' ? undefined : ['color-contrast'];
        expect(await seriousOn(operator.tab, rules), `${place}, ${colorScheme}`).toEqual([]);
        await operator.tab.picture(`operate-${colorScheme}-${place}`);
      }
    });
  });

  it('fits on a phone, and needs no sideways scrolling', async () => {
    await using broker = await startBroker({ SHARDS: 2 });
    const { alice } = await peopled(broker);
    alice.send(`bob: ${'w'.repeat(300)}\n`);
    await broker.peer('n'.repeat(60));
    await using operator = await Operator.begin(browser, broker, '', NARROW);
    await tour(operator, broker, async (place) => {
      expect(await operator.sideways(), place).toBe(0);
      await operator.tab.picture(`operate-narrow-${place}`);
    });
  });

  it('can be used by keyboard alone, and shows where the focus is', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await peopled(broker);
    await using operator = await Operator.begin(browser, broker, '/mail/bob');
    const { page } = operator.tab;
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: at } = document;
        if (at !== null && getComputedStyle(at).outlineStyle === 'none') return 'the focus is not seen';
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
      });
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await operator.row('the third').waitFor();
    await page.getByRole('link', { name: 'All names' }).focus();
    await press('Tab', 'Tab', 'Tab');
    expect(await focused()).toBe('Mailbox of bob');
    await press('Tab', 'Tab', 'ArrowDown');
    expect(await focused()).toMatch(/^Purge the message from alice/);
    await press('Enter');
    await operator.question.getByText('the second').waitFor();
    // The answer that does nothing is chosen first, and the rest of the page cannot be reached.
    expect(await focused()).toBe('Cancel');
    await press('Escape');
    await operator.question.waitFor({ state: 'detached' });
    await expect.poll(focused).toMatch(/^Purge the message/);
    await press('Enter', 'Tab', 'Enter');
    await operator.hears('The message is purged.');
    await page.getByText('2 messages').waitFor();
    await expect
      .poll(() => operator.rows.allInnerTexts())
      .toEqual([expect.stringContaining('the first'), expect.stringContaining('the third')]);
    await page.getByRole('link', { name: 'All names' }).focus();
    await press('Enter');
    await page.getByRole('button', { name: 'Waiting' }).focus();
    await press('Enter');
    await page.locator('th[aria-sort=descending]', { hasText: 'Waiting' }).waitFor();
    await expect
      .poll(() => operator.rows.allInnerTexts())
      .toEqual([expect.stringMatching(/^bob/), expect.stringMatching(/^alice/)]);
  });

  it('shows names and messages as text, and none turns what stands beside it', async () => {
    await using broker = await startBroker({ SHARDS: 1, STRICT: 'off', HOLD_UNKNOWN: 'on' });
    const name = `\u202eevil/${MARKUP}%2f?#\u0007`;
    const evil = await ProgramPeer.hello(broker, { name });
    const bodies = [MARKUP, '\u202egpj.exe\u0000', '\u2067 never ended'];
    for (const [index, body] of bodies.entries()) evil.say({ type: 'send', id: `m-${index}`, to: `${name}2`, body });
    await evil.got('accepted', bodies.length);
    await using operator = await Operator.begin(browser, broker, '/connections');
    const { page } = operator.tab;
    const shown = `[U+202E]evil/${MARKUP}%2f?#␇`;
    await operator.press('Kick', operator.row(shown));
    await operator.question.getByText(shown).waitFor();
    await operator.press('Cancel');
    await page.getByRole('link', { name: 'Names' }).click();
    await operator.row(`${shown}2`).getByRole('link').click();
    await page.getByRole('heading', { name: `Mailbox of ${shown}2` }).waitFor();
    await page.getByText('3 messages').waitFor();
    const texts = await operator.rows.locator('td bdi').allInnerTexts();
    expect(texts).toEqual([MARKUP, '[U+202E]gpj.exe␀', '\u2067 never ended']);
    await operator.press('Show', operator.row('gpj'));
    await operator.question.getByText('[U+202E]gpj.exe␀').waitFor();
    await operator.tab.picture('operate-hostile');
    await operator.press('Close');
    await operator.press('Purge all');
    await operator.press('Purge all', operator.question);
    await operator.hears('3 messages purged.');
    expect(await page.locator('bdi *, main script, main img').count()).toBe(0);
    expect(await page.title()).toBe('Restante');
    const isolated = await page
      .locator('bdi')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).unicodeBidi));
    expect(new Set(isolated)).toEqual(new Set(['isolate']));
  });
});
