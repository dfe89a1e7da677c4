/**
 * The files of the page, as they are served. Beside compiled code they are there. In a checkout `app.js` and
 * `style.css` are made when the page is first asked for, and stay in memory: a start needs no build, and one that
 * serves no page costs nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file, ready to be sent. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Of its content, for a browser that asks whether it has changed. */
  readonly etag: string;
}

/** Where the files are: beside the compiled code, or the sources of the page. */
export const FOLDER = new URL('./browser/', import.meta.url);
/** The files that are served as they were written. */
export const STATIC_FILES = ['index.html', 'icon.svg'] as const;

const TYPES = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/app.js': { name: 'app.js', type: 'text/javascript; charset=utf-8' },
  '/style.css': { name: 'style.css', type: 'text/css; charset=utf-8' },
  '/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
} as const;

/** A path at which the page has a file. */
export type PagePath = keyof typeof TYPES;
export const PAGE_PATHS = Object.keys(TYPES) as readonly PagePath[];

export type PageFiles = Readonly<Record<PagePath, PageFile>>;

let loading: Promise<PageFiles> | undefined;

/** The files, which are read or made once. @throws if one is neither there nor can be made */
export function pageFiles(): Promise<PageFiles> {
  loading ??= load().catch((error: unknown) => {
    // Perhaps it is mended by the time of the next request.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<PageFiles> {
  const made = existsSync(new URL('app.js', FOLDER)) ? undefined : await (await import('./bundle.ts')).bundle(FOLDER);
  const files = PAGE_PATHS.map(async (path) => {
    const { name, type } = TYPES[path];
    const bytes = made !== undefined && name in made ? made[name as keyof typeof made] : undefined;
    return [path, await fileOf(type, bytes ?? (await readFile(new URL(name, FOLDER))))] as const;
  });
  return Object.fromEntries(await Promise.all(files)) as Record<PagePath, PageFile>;
}

async function fileOf(type: string, content: Uint8Array): Promise<PageFile> {
  const bytes = new Uint8Array(content);
  const gzipped = new Uint8Array(await promisify(gzip)(bytes, { level: 9 }));
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { type, bytes, gzipped, etag: `W/"${hash}"` };
}
