/** What an operator sees and does: shards and their charts, connections, mailboxes. */
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { whileDown } from '../../e2e/transports/http/down.ts';
import { startBroker } from '../../helpers/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Operator, peopled } from './operator.ts';

const CHARTS = ['Messages a second', 'Held messages', 'Connections', 'Memory', 'Loop delay of the latest shard'];

/** How many pixels of a chart have the colour of its line: it is green, and the grid and the marks are grey. */
async function linePixels(chart: Locator): Promise<number> {
  return await chart.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data = [] } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {};
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, _blue, opacity = 0] = data.slice(at, at + 4);
      if (opacity > 20 && green - red > 25) count++;
    }
    return count;
  });
}

describe.skipIf(CHROMIUM === undefined)('an operator', () => {
  const browser = new TestBrowser();

  it('sees each shard live, what the last minutes were, and which limits are near', async () => {
    await using broker = await startBroker({ SHARDS: 2, MAX_CONNECTIONS: 6 });
    const { alice } = await peopled(broker);
    for (const name of ['carol', 'dora', 'emma', 'fred']) await broker.peer(name);
    await using operator = await Operator.begin(browser, broker);
    const { page } = operator.tab;
    await page.getByText('Live', { exact: true }).waitFor();
    const held = operator.tile(0).or(operator.tile(1)).filter({ hasText: '3 67 B' });
    await held.getByText('Never restarted').waitFor();
    await held.getByText(/^\d+(\.\d)? MiB mail /).waitFor();
    const timer = setInterval(() => alice.send('alice: to myself\n'), 50);
    await page
      .locator('.tile [data-large=true]')
      .filter({ hasText: /^\s*Out\s*[1-9]/ })
      .waitFor();
    clearInterval(timer);
    for (const title of CHARTS)
      expect(await linePixels(page.getByRole('img', { name: title })), title).toBeGreaterThan(0);
    await page.getByRole('img', { name: 'Held messages. At most 3' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'MAX_CONNECTIONS' }).getByText('near').waitFor();
    await page.getByLabel('Level').selectOption('error');
    await operator.press('Set');
    await operator.hears('The log level is error.');
    await page.getByText('It is error.').waitFor();
  });

  it('sees that a shard is down, and that it is up again', async () => {
    await using broker = await startBroker({ SHARDS: 2 });
    await using operator = await Operator.begin(browser, broker);
    const tile = operator.tile(0);
    await tile.getByText('Never restarted').waitFor();
    await whileDown(broker, () => {
      const isBack = until(() => broker.broker.control(0) !== undefined, 'the shard to be back').then(() => false);
      const isSeen = tile.getByText('down', { exact: true }).waitFor();
      return Promise.race([isBack, isSeen.then(() => true).catch(() => false)]);
    });
    await operator.tab.picture('operate-down');
    expect(await operator.tile(1).getByText('up', { exact: true }).count()).toBe(1);
    await operator.hears('Shard 0 is up again.');
    await tile.getByText('up', { exact: true }).waitFor();
    await tile.getByText(/^Restarted .* last at/).waitFor();
  });

  it('looks into a mailbox, and purges one message, and then all, and is asked before', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await peopled(broker);
    const carol = await ProgramPeer.hello(broker, { name: 'carol' });
    carol.say({ type: 'send', id: 'm-1', to: 'bob', body: { of: 'carol' }, receipt: true, ttl: 3600 });
    await carol.got('accepted');
    await using operator = await Operator.begin(browser, broker, '/names');
    const { page } = operator.tab;
    await page.getByRole('link', { name: 'Mailbox of bob' }).click();
    await page.getByText('4 messages').waitFor();
    await operator.press('Show', operator.row('carol'));
    await operator.question.getByText('{"of":"carol"}').waitFor();
    await operator.question.getByText('Expires').waitFor();
    await operator.press('Close');
    await operator.press('Purge', operator.row('the second'));
    await page.keyboard.press('Escape');
    await operator.question.waitFor({ state: 'detached' });
    expect(await broker.held()).toBe(4);
    await operator.press('Purge', operator.row('the second'));
    await operator.press('Purge message', operator.question);
    await operator.hears('The message is purged.');
    await page.getByText('3 messages').waitFor();
    expect([await broker.held(), await operator.row('the second').count()]).toEqual([3, 0]);
    await operator.press('Purge all');
    await operator.press('Purge all', operator.question);
    await operator.hears('3 messages purged.');
    await page.getByText('No mail waits.').waitFor();
    expect(await broker.held()).toBe(0);
    await carol.got('receipt');
    expect(carol.of('receipt')).toMatchObject([{ id: 'm-1', name: 'bob', state: 'purged' }]);
  });

  it('is told when a message has gone meanwhile, and that nothing was done', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await peopled(broker);
    await using operator = await Operator.begin(browser, broker, '/mail/bob');
    operator.tab.expect(/404/);
    await operator.press('Purge', operator.row('the first'));
    await fetch(`${broker.broker.httpUrl}/v1/names/bob/mail`, { method: 'DELETE' });
    await operator.press('Purge message', operator.question);
    await operator.question.getByRole('alert').getByText('no such message waits').waitFor();
    await operator.press('Cancel', operator.question);
    await operator.press('Refresh');
    await operator.tab.page.getByText('No mail waits.').waitFor();
  });

  it('sees who is connected, and ends a connection', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const { alice } = await peopled(broker);
    await broker.peer('carol');
    await using operator = await Operator.begin(browser, broker, '/connections');
    const { page } = operator.tab;
    await page.getByText('2 connections').waitFor();
    await operator.press('Kick', operator.row('alice'));
    await operator.question.getByText('alice').waitFor();
    await operator.press('Kick', operator.question);
    await operator.hears('The connection of alice is ended.');
    await alice.gone();
    expect(alice.received).toContain('* an operator has ended your connection\n');
    await operator.row('alice').getByText('ends').waitFor();
    alice.destroy();
    await page.getByText('1 connection', { exact: true }).waitFor();
    await page.getByLabel('Name begins with').fill('nobody');
    await page.getByText('No name of a connection begins with this.').waitFor();
    await page.getByLabel('Name begins with').fill('car');
    await operator.row('carol').waitFor();
  });
});
