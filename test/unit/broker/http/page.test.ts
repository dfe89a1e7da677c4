/** The files of the page, as they are served. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PAGE_PATHS } from '../../../../src/http/page/files.ts';
import { paperApp } from './paper.ts';

/** All files of the page, compressed. */
const MAX_GZIPPED_BYTES = 80 * 1024;

const { app } = paperApp();
const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  app.request(`http://localhost${path}`, { headers: { host: 'localhost', ...headers } });

describe('the page', () => {
  it.each(PAGE_PATHS)('has %s, of which nothing may run or be asked for but what is its own', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
  });

  it('has its types, and no script or style in its HTML', async () => {
    const types = await Promise.all(PAGE_PATHS.map(async (path) => (await get(path)).headers.get('content-type')));
    expect(types).toEqual([
      'text/html; charset=utf-8',
      'text/javascript; charset=utf-8',
      'text/css; charset=utf-8',
      'image/svg+xml',
    ]);
    expect(await (await get('/')).text()).not.toMatch(/<script(?! src="\/app.js"><\/script>)|<style|style=|\son\w+=/);
  });

  it('is compressed for who takes that, and the same for who does not', async () => {
    const [plain, compressed] = await Promise.all([get('/app.js'), get('/app.js', { 'accept-encoding': 'br, gzip' })]);
    expect([plain.headers.get('content-encoding'), compressed.headers.get('content-encoding')]).toEqual([null, 'gzip']);
    const bytes = Buffer.from(await compressed.arrayBuffer());
    expect(gunzipSync(bytes).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
  });

  it('is not sent again to who has it', async () => {
    for (const path of PAGE_PATHS) {
      const etag = (await get(path)).headers.get('etag') ?? '';
      const again = await get(path, { 'if-none-match': etag });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect((await get(path, { 'if-none-match': 'W/"another"' })).status).toBe(200);
    }
  });

  it(`has less than ${MAX_GZIPPED_BYTES / 1024} KiB in all`, async () => {
    const answers = await Promise.all(PAGE_PATHS.map((path) => get(path, { 'accept-encoding': 'gzip' })));
    const sizes = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  it('is changed by nobody', async () => {
    const answer = await app.request('http://localhost/app.js', { method: 'POST', headers: { host: 'localhost' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('has every path that its HTML names', () => {
    const named = readFileSync('src/http/page/browser/index.html', 'utf8').matchAll(/(?:href|src)="([^"]+)"/g);
    expect([...named].map(([, path]) => path).sort()).toEqual(PAGE_PATHS.filter((path) => path !== '/').toSorted());
  });
});
