/** The last step of `npm run build`: it puts the files of the page beside the compiled code. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.ts';
import { FOLDER, STATIC_FILES } from './files.ts';

const sources = pathToFileURL('src/http/page/browser/');
mkdirSync(FOLDER, { recursive: true });
for (const [name, bytes] of Object.entries(await bundle(sources))) writeFileSync(new URL(name, FOLDER), bytes);
for (const name of STATIC_FILES) copyFileSync(new URL(name, sources), new URL(name, FOLDER));
