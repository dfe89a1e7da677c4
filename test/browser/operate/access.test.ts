/** Who may operate, and what the page says while the broker does not answer. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { TestBrowser } from '../browser.ts';
import { CHROMIUM } from '../chromium.ts';
import { Operator, peopled } from './operator.ts';

const TOKEN = 'a-token-of-a-test';

describe.skipIf(CHROMIUM === undefined)('the operator’s half', () => {
  const browser = new TestBrowser();

  it('asks for the token, says that one is wrong, and keeps the right one in the tab and in no address', async () => {
    await using broker = await startBroker({ SHARDS: 1, ADMIN_TOKEN: TOKEN });
    await peopled(broker);
    await using operator = await Operator.begin(browser, broker, '/names');
    const { page, context } = operator.tab;
    operator.tab.expect(/401/);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const give = async (token: string) => {
      await page.getByLabel('Token').fill(token);
      await page.keyboard.press('Enter');
    };
    await page.getByLabel('Token').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    for (const wrong of ['another-token', 'a tökén']) {
      await give(wrong);
      await page.getByText('The broker does not take this token.').waitFor();
    }
    await operator.tab.picture('operate-token');
    await give(TOKEN);
    await operator.row('bob').waitFor();
    await page.reload();
    await operator.row('bob').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    const kept = await page.evaluate(() => [Object.values(sessionStorage), JSON.stringify(localStorage)]);
    expect(kept).toEqual([[TOKEN], '{}']);
    expect([...asked, page.url()].filter((url) => url.includes(TOKEN))).toEqual([]);
    expect(await context.cookies()).toEqual([]);
    // Another tab is asked.
    await using other = new Operator(await browser.openIn(context, `${broker.broker.httpUrl}/#operate`));
    other.tab.expect(/401/);
    await other.tab.page.getByLabel('Token').waitFor();
  });

  it('says in words why it is not answered from another machine', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using operator = new Operator(await browser.open('about:blank'));
    const { page } = operator.tab;
    operator.tab.expect(/403/);
    const answer = {
      status: 403,
      json: { code: 'NOT_LOOPBACK', detail: 'this is only for the machine of the broker' },
    };
    await page.route('**/v1/**', (route) => route.fulfill(answer));
    await page.goto(`${broker.broker.httpUrl}/#operate`);
    await page.getByText('this is only for the machine of the broker').waitFor();
    await page.getByText('ssh -L').waitFor();
    await operator.tab.picture('operate-refused');
    await page.unroute('**/v1/**');
    await operator.press('Try again');
    await operator.tile(0).waitFor();
  });

  it('asks for all again and again where no more may listen, and says so', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    await using operator = new Operator(await browser.open('about:blank'));
    const { page } = operator.tab;
    operator.tab.expect(/503/);
    await page.clock.install();
    await page.route('**/v1/live', (route) => route.fulfill({ status: 503, json: { code: 'LISTENERS_FULL' } }));
    await page.goto(`${broker.broker.httpUrl}/#operate`);
    await page.getByText('Figures come every five seconds').waitFor();
    await page.unroute('**/v1/live');
    await page.clock.runFor(6_000);
    await page.getByText('Live', { exact: true }).waitFor();
    await operator.tile(0).waitFor();
  });

  it('says when the broker is lost, and is live again when it is back', async () => {
    using folder = temporaryFolder();
    const settings = { SHARDS: 1, DATA_DIR: folder.path };
    const before = await startBroker(settings);
    const ports = { ...settings, PORT: before.port, HTTP_PORT: before.web.port };
    await using operator = await Operator.begin(browser, before);
    operator.tab.expect(/Failed to load resource/);
    const { page } = operator.tab;
    await page.getByText('Live', { exact: true }).waitFor();
    await operator.tile(0).waitFor();
    await before[Symbol.asyncDispose]();
    await page.getByText('Not live: the broker does not answer.').waitFor();
    await operator.hears('The broker does not answer.');
    await operator.tab.picture('operate-lost');
    await using _after = await startBroker(ports);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByText('does not answer. ').count()).toBe(0);
  });
});
