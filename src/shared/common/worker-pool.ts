/**
 * How a thread of ours is started, whether from TypeScript or compiled: the one place that knows.
 */
import { fileURLToPath } from 'node:url';

const isTypeScript = import.meta.url.endsWith('.ts');

/** The options of a Piscina pool of exactly `threads` threads that run workers/`entry`, each for one long task. */
export function poolOptions(entry: string, threads: number) {
  return {
    filename: fileURLToPath(new URL(`../../../workers/${entry}.${isTypeScript ? 'ts' : 'js'}`, import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    // The default parks a thread that waits for its task in Atomics.wait, where its ports are not served.
    atomics: 'disabled' as const,
    ...(isTypeScript
      ? { execArgv: ['--import', new URL('../../../workers/typescript.mjs', import.meta.url).href] }
      : {}),
  };
}
