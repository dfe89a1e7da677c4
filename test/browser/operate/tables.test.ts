/** Tables of 10,000 rows: they are quick, and few of the rows are on the page. */
import { describe, expect, it } from 'vitest';
import type { ConnectionRow } from '../../../src/http/page/browser/operate/api/answers.ts';
import { startBroker } from '../../helpers/broker.ts';
import { pacedNow } from '../../helpers/pace/pace.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { frameGaps } from '../frames.ts';
import { Operator } from './operator.ts';

const MANY = 10_000;
/** The window, and ten rows on each side of it, and the step by which they change. */
const MOST_ROWS = 50;
/** A page that scrolls or sorts stands still for less. */
const STANDSTILL_MS = 150;

const nameOf = (index: number) => `name-${String(index).padStart(5, '0')}`;

describe.skipIf(CHROMIUM === undefined)('a table of 10,000 rows', () => {
  const browser = new TestBrowser();

  it('of names is scrolled, sorted and narrowed without a standstill', async () => {
    await using broker = await startBroker({ SHARDS: 2, HOLD_UNKNOWN: 'on' });
    const alice = await broker.peer('alice');
    alice.send(
      Array.from({ length: MANY - 1 }, (_, index) => `${nameOf(index)}: ${'x'.repeat(index % 50)}\n`).join(''),
    );
    await broker.quiet();
    await using operator = await Operator.begin(browser, broker, '/names');
    const { page } = operator.tab;
    await page.getByText('10,000 names').waitFor();
    await operator.row('alice').waitFor();
    const gaps = await frameGaps(page);
    const table = page.getByRole('region', { name: 'Names' });
    await table.focus();
    for (let press = 0; press < 10; press++) await page.keyboard.press('PageDown');
    await page.keyboard.press('End');
    await operator.row(nameOf(MANY - 2)).waitFor();
    expect(await operator.rows.count()).toBeLessThan(MOST_ROWS);
    expect(await operator.row(nameOf(MANY - 2)).getAttribute('aria-rowindex')).toBe(String(MANY + 1));
    expect(await operator.table.getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    await page.keyboard.press('Home');
    await operator.row('alice').waitFor();
    await operator.press('Size');
    await operator.row(nameOf(49)).waitFor();
    await operator.press('Size');
    await operator.row('alice').waitFor();
    expect(Math.max(...(await gaps()))).toBeLessThan(pacedNow(STANDSTILL_MS));
    await page.getByLabel('Begins with').fill('name-0123');
    await page.getByText('10 names').waitFor();
    expect(await operator.rows.count()).toBe(10);
    // Whoever comes back from a mailbox finds the list as it was.
    await operator.row(nameOf(1_234)).getByRole('link').click();
    await page.getByText('1 message', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All names' }).click();
    await page.getByText('10 names').waitFor();
    expect(await page.getByLabel('Begins with').inputValue()).toBe('name-0123');
  });

  it('keeps the focus when its row is scrolled away', async () => {
    await using broker = await startBroker({ SHARDS: 1, HOLD_UNKNOWN: 'on' });
    const alice = await broker.peer('alice');
    alice.send(Array.from({ length: 200 }, (_, index) => `${nameOf(index)}: x\n`).join(''));
    await broker.quiet();
    await using operator = await Operator.begin(browser, broker, '/names');
    const { page } = operator.tab;
    const table = page.getByRole('region', { name: 'Names' });
    await page.getByRole('link', { name: 'Mailbox of alice' }).focus();
    for (let press = 0; press < 60; press++) {
      // A row that is not drawn yet cannot have the focus.
      await page.getByRole('link', { name: `Mailbox of ${nameOf(press)}` }).waitFor();
      await page.keyboard.press('ArrowDown');
    }
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      `Mailbox of ${nameOf(59)}`,
    );
    await table.evaluate((box) => box.scrollTo(0, 0));
    await operator.row('alice').waitFor();
    await expect.poll(() => table.evaluate((box) => document.activeElement === box)).toBe(true);
  });

  it('of connections asks for what is looked at, and for no more', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using operator = new Operator(await browser.open('about:blank'));
    const { page } = operator.tab;
    const asked: string[] = [];
    await page.route('**/v1/connections?*', (route) => {
      const query = new URL(route.request().url()).searchParams;
      const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
      asked.push(`${query.get('sort')} ${query.get('order')} ${offset}`);
      const sign = query.get('order') === 'desc' ? -1 : 1;
      const connections = Array.from({ length: limit }, (_, index) => connectionOf(offset + index, sign));
      return route.fulfill({ json: { total: MANY, connections } });
    });
    await page.goto(`${broker.broker.httpUrl}/#operate/connections`);
    await page.getByText('10,000 connections').waitFor();
    await page.getByRole('region', { name: 'Connections' }).focus();
    await page.keyboard.press('End');
    await operator.row(nameOf(0)).waitFor();
    expect(await operator.rows.count()).toBeLessThan(MOST_ROWS);
    expect([asked[0], asked.at(-1)]).toEqual(['since desc 0', 'since desc 9800']);
    await operator.press('Written');
    await expect.poll(() => asked.includes('written desc 0')).toBe(true);
    await operator.press('Written');
    await expect.poll(() => asked.includes('written asc 0')).toBe(true);
    expect(asked.length).toBeLessThan(10);
  });
});

function connectionOf(index: number, sign: number): ConnectionRow {
  const nothing = { waitingMessages: 0, waitingBytes: 0, unacknowledgedMessages: 0, readBytes: 0 };
  const name = nameOf(sign > 0 ? index : MANY - 1 - index);
  const common = { peer: '127.0.0.1:1', transport: 'tcp', speaks: 'plain', standing: 'receiving', since: 1e12 };
  return { id: index + 1, name, ...common, ...nothing, writtenBytes: index };
}
