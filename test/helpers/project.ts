/** The files of the project, for tests of its code and its documents. Paths are relative to the root. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every file in these folders and their subfolders. */
export function filesIn(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
}

/** The files in the root itself. */
export function filesInRoot(): string[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

/** Every document: in the root, in docs, and the READMEs of folders. */
export function documents(): string[] {
  return [...filesInRoot(), ...filesIn('docs', 'examples', 'src', 'workers')].filter((file) => file.endsWith('.md'));
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
