/** The version of the package. */
import { existsSync, readFileSync } from 'node:fs';

/** @returns the version of the package that this file is in, compiled or not */
export function ownVersion(): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/') folder = new URL('..', folder);
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { readonly version: string };
  return version;
}
