/** What a figure was measured on. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly cores: number;
  readonly cpu: string;
  /** The commit of the tree that is measured; with a plus behind it if files were changed since. */
  readonly commit: string;
}

/** @param tree whose broker is measured */
export function describeMachine(tree: string): Machine {
  return {
    node: process.version,
    system: `${process.platform} ${release()}`,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    commit: commitOf(tree),
  };
}

function commitOf(tree: string): string {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: tree, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown'; // a tree without its history
  }
}
