/** Plays the commands of README.md. What Carol does in her browser is done in one, where there is one. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { CHROMIUM } from '../../browser/chromium.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { textOf } from '../../helpers/project.ts';
import { playDocument } from './play.ts';
import type { Stage } from './stage.ts';

let browser: Browser | undefined;
let page: Page | undefined;
afterAll(() => browser?.close());

async function write(stage: Stage, text: string): Promise<void> {
  if (CHROMIUM === undefined) {
    await stage.come('carol');
    stage.peer('carol').send(`bob: ${text}\n`);
    return;
  }
  browser = await chromium.launch({ executablePath: CHROMIUM, timeout: paced(30_000) });
  page = await browser.newPage();
  page.setDefaultTimeout(paced(10_000));
  await page.goto(stage.asRun('http://127.0.0.1:8081/'));
  await page.getByLabel('Your name').fill('carol');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('link', { name: 'New conversation' }).click();
  await page.getByLabel('To', { exact: true }).fill('bob');
  await page.getByRole('button', { name: 'Write' }).click();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

playDocument('README.md', {
  'from carol: I have no terminal': (stage) => write(stage, 'I have no terminal'),
  // The answer has come by then.
  '$ npm run --silent restante -- chat bob': async (stage) => {
    if (CHROMIUM === undefined) await stage.peer('carol').got('from bob: then use what you have\n');
    await page?.getByRole('region', { name: 'Messages' }).getByText('then use what you have').waitFor();
    await page?.getByText('delivered').waitFor();
  },
  // The secrets that the commands before have made are for their owner alone, and nobody commits them.
  '$ openssl s_client -quiet -connect localhost:8443 -CAfile tls/ca.pem': async (stage) => {
    for (const secret of ['deploy.token', 'tls/server.key']) {
      expect(await stage.run(`ls -l ${secret}`)).toMatch(/^-rw-------/);
    }
    expect(textOf('.gitignore').split('\n')).toEqual(expect.arrayContaining(['/tls/', '/deploy.token']));
  },
});
