/** Serves the page. Nothing on it can run but its own script, and it can talk to nobody but this broker. */
import type { Context, Hono } from 'hono';
import { PAGE_PATHS, type PageFile, pageFiles } from './files.ts';

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A browser keeps the files, and asks each time whether they are still the same.
  'cache-control': 'no-cache',
  vary: 'accept-encoding',
} as const;

/** Adds the routes of the page. */
export function servePage(app: Hono): void {
  for (const path of PAGE_PATHS) app.get(path, async (context) => answer(context, (await pageFiles())[path]));
}

function answer(context: Context, file: PageFile): Response {
  const headers = { ...HEADERS, etag: file.etag };
  if (context.req.header('if-none-match') === file.etag) return context.body(null, 304, headers);
  const isGzipped = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  const encoding = isGzipped ? { 'content-encoding': 'gzip' } : undefined;
  return context.body(isGzipped ? file.gzipped : file.bytes, 200, {
    ...headers,
    'content-type': file.type,
    ...encoding,
  });
}
