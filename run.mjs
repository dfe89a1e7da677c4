/**
 * Runs a program of the project for a script of package.json, in this process: `node run.mjs src/main.ts`. With the
 * development dependencies that is the source, whatever is in `dist`. Without them it is what `npm run build` has made.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['src', 'workers'];

const [, , source = ''] = process.argv;
// A program finds itself and its arguments where Node alone would put them.
process.argv.splice(1, 1);

if (hasTsx()) {
  await import('tsx');
  await import(new URL(source, import.meta.url).href);
} else await runCompiled(new URL(`dist/${source.replace(/\.ts$/, '.js')}`, import.meta.url));

function hasTsx() {
  try {
    import.meta.resolve('tsx');
    return true;
  } catch {
    return false; // it is not installed
  }
}

/** @param {URL} file */
async function runCompiled(file) {
  if (!existsSync(file)) {
    console.error('restante: this needs "npm ci && npm run build" before "npm ci --omit=dev"');
    process.exitCode = 1;
    return;
  }
  if (newestSource() > statSync(file).mtimeMs)
    console.error('restante: dist is older than the sources, and is run as it is; "npm run build" makes it anew');
  await import(file.href);
}

/** @returns when a source was last changed; 0 if there is none, as in the image */
function newestSource() {
  const folders = SOURCES.map((name) => join(import.meta.dirname, name)).filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)));
  return Math.max(0, ...files.filter((file) => file.endsWith('.ts')).map((file) => statSync(file).mtimeMs));
}
