/** The folder of a reader after `git clone` and `npm ci`, and the programs that are installed beside it. */
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../helpers/folder.ts';
import { filesInRoot, ROOT } from '../../helpers/project.ts';

const NC = fileURLToPath(new URL('nc.mjs', import.meta.url));

/** Whether the installed nc has the option -N of the documents. Not every nc has it. */
export const HAS_NC = /\[-\w*N\w*\]/.test(spawnSync('nc', ['-h'], { encoding: 'utf8' }).output?.join('') ?? '');

export class Clone implements Disposable {
  readonly #folder = temporaryFolder();
  /** The folder in which commands run. */
  readonly path = join(this.#folder.path, 'restante');
  /** The search path for commands. */
  readonly searchPath: string;

  constructor() {
    for (const entry of [...filesInRoot(), 'docs', 'examples', 'src', 'workers', 'test']) {
      cpSync(join(ROOT, entry), join(this.path, entry), { recursive: true });
    }
    // Compiled code is kept in .cache: tests that run in the clone must not write over that of this run.
    mkdirSync(join(this.path, 'node_modules'));
    for (const entry of readdirSync(join(ROOT, 'node_modules')).filter((name) => name !== '.cache')) {
      symlinkSync(join(ROOT, 'node_modules', entry), join(this.path, 'node_modules', entry));
    }
    this.searchPath = process.env.PATH ?? '';
    if (!HAS_NC) this.searchPath = `${this.#standIn()}${delimiter}${this.searchPath}`;
  }

  /** A folder with the stand-in under the name nc. */
  #standIn(): string {
    const folder = join(this.#folder.path, 'bin');
    mkdirSync(folder);
    writeFileSync(join(folder, 'nc'), `#!/bin/sh\nexec '${process.execPath}' '${NC}' "$@"\n`);
    chmodSync(join(folder, 'nc'), 0o755);
    return folder;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
