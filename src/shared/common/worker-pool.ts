/** The options of the thread pools, for code that runs as TypeScript and for compiled code. */
import { fileURLToPath } from 'node:url';

const isTypeScript = import.meta.url.endsWith('.ts');

/**
 * The options of a Piscina pool of exactly `threads` threads, each for one long task.
 * @param entry the file in `workers` to run, without its extension
 */
export function poolOptions(entry: string, threads: number) {
  return {
    filename: fileURLToPath(new URL(`../../../workers/${entry}.${isTypeScript ? 'ts' : 'js'}`, import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    // By default a thread that waits for its task blocks in Atomics.wait, and does not serve its ports.
    atomics: 'disabled' as const,
    ...(isTypeScript
      ? { execArgv: ['--import', new URL('../../../workers/typescript.mjs', import.meta.url).href] }
      : {}),
  };
}
