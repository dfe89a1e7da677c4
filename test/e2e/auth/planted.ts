/** Looks for secrets that were planted. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A parser quotes some ten characters around a mistake. */
const PART = 7;

/** All parts of a secret, but for what every token begins with. */
export function partsOf(secret: string): string[] {
  const own = secret.replace(/^rst_/, '');
  return Array.from({ length: own.length - PART + 1 }, (_, i) => own.slice(i, i + PART));
}

/** All that is in a folder, as one text. */
export function textOfFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}
