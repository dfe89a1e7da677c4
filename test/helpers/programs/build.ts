/**
 * The compiled code of the project, which tests run in other processes and threads. A start from TypeScript takes three
 * times the processor time, and the tests start some hundreds. Tests that are about `npm start` run that.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../project.ts';

/** The folder of the compiled code, which is as `dist` is. Packages are found from here as from the root. */
export const OUTPUT = join(ROOT, 'node_modules/.cache/restante');

/** Compiles what has changed since the last call. */
export function build(): void {
  const incremental = ['--incremental', '--tsBuildInfoFile', join(OUTPUT, 'build.json')];
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', OUTPUT, ...incremental], { cwd: ROOT, stdio: 'inherit' });
  execFileSync(process.execPath, [compiled('src/http/page/build.ts')], { cwd: ROOT, stdio: 'inherit' });
}

/** @returns the compiled file of a file in `src` or `workers` */
export function compiled(file: string): string {
  return join(OUTPUT, file.replace(/\.ts$/, '.js'));
}

/** @returns the command that runs a program of the project: compiled, unless it is a test's own */
export function commandOf(script: string): string[] {
  if (script.startsWith('src/')) return [process.execPath, compiled(script)];
  return [process.execPath, '--import', 'tsx', script];
}
