/** Runs the examples as their README says, in a folder that looks like a checkout after `npm run build`. */
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../helpers/folder.ts';
import { OUTPUT } from '../../helpers/programs/build.ts';
import { Program } from '../../helpers/programs/program.ts';
import { ROOT, textOf } from '../../helpers/project.ts';

/** By file: the command that the README has for it. */
export const COMMANDS: ReadonlyMap<string, string> = new Map(
  [...textOf('examples/README.md').matchAll(/^\| \[(.*?)\]\(\1\) \| .* \| `(.*)` \|$/gm)].map(
    ([, file = '', command = '']) => [file, command],
  ),
);

/** A checkout in which examples are run. */
export class Checkout implements Disposable {
  readonly #folder = temporaryFolder();

  constructor() {
    cpSync(join(ROOT, 'examples'), join(this.path, 'examples'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(this.path, 'package.json'));
    symlinkSync(OUTPUT, join(this.path, 'dist'));
  }

  get path(): string {
    return this.#folder.path;
  }

  /** Starts an example with these arguments in place of those that the README shows. */
  start(file: string, url: string, args: readonly string[] = []): Program {
    const shown = COMMANDS.get(file);
    if (shown === undefined) throw new Error(`the README has no command for ${file}`);
    return this.run([...shown.slice(0, shown.indexOf(file) + file.length).split(' '), ...args], url);
  }

  run(command: readonly string[], url: string): Program {
    return new Program(command, { cwd: this.path, env: { RESTANTE_URL: url } });
  }

  /** The lines of a file; none if it is not there. */
  linesOf(file: string): string[] {
    const path = join(this.path, file);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** The address of a broker. */
export const urlOf = ({ port }: { readonly port: number }) => `tcp://127.0.0.1:${port}`;
