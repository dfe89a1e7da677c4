/** Processes that must not outlive this one, and files that must not either, in whatever way it ends. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

const STOP_LIMIT_MS = 15_000;
/** One Ctrl-C reaches the children too; this is what a shell calls an end by SIGINT. */
const EXIT_INTERRUPTED = 130;

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Kills `child` when this process exits. */
export function endWithUs(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Removes a folder when this process exits; the children that use it have been told to end by then. */
export function removeWithUs(path: string): void {
  folders.add(path);
}

/** Stops a child by its process id, first as an operator does; resolves when it has ended. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

/** Makes SIGINT and SIGTERM end this process as an exit does, so that what is above happens. */
export function exitOnSignals(): void {
  process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED));
  process.once('SIGTERM', () => process.exit(EXIT_INTERRUPTED));
}

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
});
